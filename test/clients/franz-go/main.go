// franz-go: the script of operations. Arguments: brokers, a prefix for names.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	brokers, prefix = strings.Split(os.Args[1], ","), os.Args[2]
	words           = prefix + "-words"
	codecTopic      = prefix + "-codecs"
	times           = prefix + "-times"
	grouped         = prefix + "-group"
	txn             = prefix + "-txn"
	names           = []string{words, codecTopic, times, grouped, txn}
	ctx             context.Context
	padding         = strings.Repeat("x", 100)
)

// must ends the operation: op tells of the error.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func check(holds bool, format string, args ...any) {
	if !holds {
		panic(fmt.Errorf(format, args...))
	}
}

func op(name string, run func() string) {
	type outcome struct {
		Op     string `json:"op"`
		Ok     bool   `json:"ok"`
		Detail string `json:"detail"`
	}
	told := outcome{Op: name}
	var cancel context.CancelFunc
	ctx, cancel = context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	func() {
		defer func() {
			if failure := recover(); failure != nil {
				told.Detail = fmt.Sprint(failure)
			}
		}()
		told.Detail = run()
		told.Ok = true
	}()
	line, _ := json.Marshal(told)
	fmt.Println(string(line))
}

func open(opts ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(brokers...), kgo.AllowAutoTopicCreation(),
		kgo.FetchMaxWait(100 * time.Millisecond), kgo.RecordPartitioner(kgo.ManualPartitioner())}, opts...)...)
	must(err)
	return client
}

func send(records []*kgo.Record, opts ...kgo.Opt) {
	client := open(opts...)
	defer client.Close()
	must(client.ProduceSync(ctx, records...).FirstErr())
}

func read(topic string, offset int64, enough func([]*kgo.Record) bool, opts ...kgo.Opt) []*kgo.Record {
	at := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(offset)}}
	client := open(append(opts, kgo.ConsumePartitions(at))...)
	defer client.Close()
	var seen []*kgo.Record
	for !enough(seen) {
		fetches := client.PollFetches(ctx)
		must(fetches.Err())
		seen = append(seen, fetches.Records()...)
	}
	return seen
}

func count(wanted int) func([]*kgo.Record) bool {
	return func(seen []*kgo.Record) bool { return len(seen) >= wanted }
}

func offsetOf(listed kadm.ListedOffsets, err error) int64 {
	must(err)
	must(listed.Error())
	var found int64 = -1
	listed.Each(func(offset kadm.ListedOffset) {
		if offset.Partition == 0 {
			found = offset.Offset
		}
	})
	return found
}

func until(holds func() bool, members ...*member) {
	for !holds() {
		must(ctx.Err())
		for _, one := range members {
			one.poll()
		}
	}
}

type member struct {
	client   *kgo.Client
	assigned int
	seen     map[string]bool
}

func join(group string, opts ...kgo.Opt) *member {
	one := &member{seen: map[string]bool{}}
	change := func(by int) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, places map[string][]int32) {
			one.assigned += by * len(places[grouped])
		}
	}
	one.client = open(append(opts, kgo.ConsumerGroup(group), kgo.ConsumeTopics(grouped), kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.HeartbeatInterval(300*time.Millisecond), kgo.OnPartitionsAssigned(change(1)),
		kgo.OnPartitionsRevoked(change(-1)), kgo.OnPartitionsLost(change(-1)))...)
	return one
}

func (one *member) poll() {
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	records := one.client.PollFetches(short).Records()
	for _, record := range records {
		one.seen[string(record.Value)] = true
	}
	if len(records) > 0 {
		_ = one.client.CommitRecords(ctx, records...)
	}
	one.client.AllowRebalance()
}

func (one *member) close() { one.client.CloseAllowingRebalance() }

// Two members share, one leaves, a third goes on.
func lifeOfAGroup(group string, opts ...kgo.Opt) [3]func() string {
	var first, second *member
	return [3]func() string{
		func() string {
			first = join(group, opts...)
			until(func() bool { return first.assigned == 4 }, first)
			second = join(group, opts...)
			until(func() bool { return first.assigned == 2 && second.assigned == 2 }, first, second)
			until(func() bool {
				all := map[string]bool{}
				for _, one := range []*member{first, second} {
					for value := range one.seen {
						all[value] = true
					}
				}
				return len(all) >= 40
			}, first, second)
			return "4 partitions, then 2 and 2; every record read"
		},
		func() string {
			second.close()
			until(func() bool { return first.assigned == 4 }, first)
			return "the other has all 4"
		},
		func() string {
			first.close()
			later := fmt.Sprint("later ", time.Now().UnixNano())
			send([]*kgo.Record{{Topic: grouped, Partition: 2, Value: []byte(later)}})
			third := join(group, opts...)
			until(func() bool { return len(third.seen) > 0 }, third)
			third.close()
			check(len(third.seen) == 1 && third.seen[later], "the later record alone, but got %v", third.seen)
			return "reads only what came later"
		},
	}
}

func transactional(id string) *kgo.Client {
	return open(kgo.TransactionalID(id), kgo.TransactionTimeout(20*time.Second))
}

func ten(client *kgo.Client, what string) {
	must(client.BeginTransaction())
	for i := range 10 {
		record := &kgo.Record{Topic: txn, Value: fmt.Appendf(nil, "%s %d", what, i)}
		must(client.ProduceSync(ctx, record).FirstErr())
	}
}

func last(seen []*kgo.Record) bool {
	for _, record := range seen {
		if string(record.Value) == "committed last" {
			return true
		}
	}
	return false
}

func main() {
	client := open()
	admin := kadm.NewClient(client)
	defer client.Close()

	op("metadata", func() string {
		found, err := admin.BrokerMetadata(ctx)
		must(err)
		check(len(found.Brokers) >= 1 && found.Cluster != "", "a broker of a named cluster")
		return fmt.Sprintf("%d broker, cluster named", len(found.Brokers))
	})

	op("topics: create", func() string {
		for i, partitions := range []int32{3, 1, 1, 4, 1} {
			made, err := admin.CreateTopic(ctx, partitions, 1, nil, names[i])
			must(err)
			check(made.NumPartitions == partitions, "%d partitions, but got %d", partitions, made.NumPartitions)
		}
		_, err := admin.CreateTopic(ctx, 1, 1, nil, words)
		check(errors.Is(err, kerr.TopicAlreadyExists), "not created twice, but got %v", err)
		return "5 topics; a second time refused"
	})

	codecs := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		op("produce: "+codec, func() string {
			for acks, setting := range map[string]kgo.Acks{"0": kgo.NoAck(), "1": kgo.LeaderAck(), "all": kgo.AllISRAcks()} {
				for _, topic := range []string{codecTopic, "everyone"} {
					if topic == "everyone" && acks != "all" {
						continue
					}
					var records []*kgo.Record
					for i := range 20 {
						records = append(records, &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "k%d", i%7),
							Value:   fmt.Appendf(nil, "%s %s %d %s", codec, acks, i, padding),
							Headers: []kgo.RecordHeader{{Key: "codec", Value: []byte(codec)}}})
					}
					send(records, kgo.RequiredAcks(setting), kgo.DisableIdempotentWrite(), kgo.ProducerBatchCompression(codecs[codec]))
				}
			}
			return "acks 0, 1, all"
		})
	}

	op("produce: idempotent", func() string {
		one := open()
		defer one.Close()
		for i := range 20 {
			must(one.ProduceSync(ctx, &kgo.Record{Topic: codecTopic, Key: fmt.Appendf(nil, "k%d", i%7),
				Value:   fmt.Appendf(nil, "idempotent all %d ", i),
				Headers: []kgo.RecordHeader{{Key: "codec", Value: []byte("none")}}}).FirstErr())
		}
		return "20 records in sequence"
	})

	op("consume: from the start", func() string {
		seen := read(codecTopic, 0, count(320))
		different := map[string]bool{}
		for i, record := range seen {
			var kind, acks string
			var number int
			_, err := fmt.Sscan(string(record.Value), &kind, &acks, &number)
			must(err)
			different[string(record.Value)] = true
			check(record.Offset == int64(i), "offsets in order")
			check(string(record.Key) == fmt.Sprint("k", number%7), "keys as sent, but got %s", record.Key)
			header := string(record.Headers[0].Value)
			check(header == kind || kind == "idempotent", "headers as sent, but got %s", header)
		}
		check(len(different) == 320, "320 different records, but got %d", len(different))
		return "320 records of five codecs, keys and headers as sent"
	})

	op("consume: from an offset", func() string {
		first := read(codecTopic, 13, count(1))[0]
		check(first.Offset == 13, "offset 13 first, but got %d", first.Offset)
		return "from the middle of a batch"
	})

	op("consume: from a time", func() string {
		begin := time.Now().Add(-time.Minute)
		var records []*kgo.Record
		for i := range 10 {
			records = append(records, &kgo.Record{Topic: times, Value: fmt.Append(nil, i), Timestamp: begin.Add(time.Duration(i) * time.Second)})
		}
		send(records)
		found := offsetOf(admin.ListOffsetsAfterMilli(ctx, begin.UnixMilli()+4500, times))
		check(found == 5, "offset 5, but got %d", found)
		first := read(times, found, count(1))[0]
		check(string(first.Value) == "5", "the record of that time, but got %s", first.Value)
		return "the first record after it"
	})

	op("consume: what other clients wrote", func() string {
		end := offsetOf(admin.ListEndOffsets(ctx, "everyone"))
		for _, record := range read("everyone", 0, count(int(end))) {
			check(strings.HasPrefix(string(record.Value), string(record.Headers[0].Value)), "as sent, but got %s", record.Value)
		}
		return fmt.Sprintf("%d records", end)
	})

	group := prefix + "-g"
	classic := lifeOfAGroup(group)
	op("group: two members", func() string {
		var records []*kgo.Record
		for i := range 40 {
			records = append(records, &kgo.Record{Topic: grouped, Partition: int32(i % 4), Value: fmt.Append(nil, i)})
		}
		send(records)
		return classic[0]()
	})
	op("group: one leaves", classic[1])
	op("group: goes on from its commit", classic[2])

	op("group: consumer protocol", func() string {
		var told []string
		for _, step := range lifeOfAGroup(prefix+"-g848", kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer())) {
			told = append(told, step())
		}
		return strings.Join(told, "; ")
	})

	op("transaction: committed", func() string {
		producer := transactional(prefix + "-t1")
		defer producer.Close()
		ten(producer, "committed")
		must(producer.EndTransaction(ctx, kgo.TryCommit))
		for _, record := range read(txn, 0, count(10), kgo.FetchIsolationLevel(kgo.ReadCommitted())) {
			check(strings.HasPrefix(string(record.Value), "committed"), "what was committed")
		}
		return "10 records read by read_committed"
	})

	op("transaction: aborted", func() string {
		producer := transactional(prefix + "-t1")
		defer producer.Close()
		ten(producer, "aborted")
		must(producer.EndTransaction(ctx, kgo.TryAbort))
		must(producer.BeginTransaction())
		must(producer.ProduceSync(ctx, &kgo.Record{Topic: txn, Value: []byte("committed last")}).FirstErr())
		must(producer.EndTransaction(ctx, kgo.TryCommit))
		committed := read(txn, 0, last, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
		check(len(committed) == 11, "11 records of read_committed, but got %d", len(committed))
		all := read(txn, 0, last)
		check(len(all) == 21, "21 records of read_uncommitted, but got %d", len(all))
		return "10 aborted records hidden from read_committed"
	})

	op("transaction: with offsets", func() string {
		session, err := kgo.NewGroupTransactSession(kgo.SeedBrokers(brokers...), kgo.TransactionalID(prefix+"-t2"),
			kgo.ConsumerGroup(prefix+"-g2"), kgo.ConsumeTopics(grouped), kgo.FetchMaxWait(100*time.Millisecond),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.RequireStableFetchOffsets())
		must(err)
		defer session.Close()
		for n := 0; n < 40; {
			must(session.Begin())
			fetches := session.PollFetches(ctx)
			must(fetches.Err())
			n += fetches.NumRecords()
			committed, err := session.End(ctx, kgo.TryCommit)
			must(err)
			check(committed, "committed")
		}
		offsets, err := admin.FetchOffsets(ctx, prefix+"-g2")
		must(err)
		var sum int64
		offsets.Each(func(offset kadm.OffsetResponse) { sum += offset.At })
		check(sum >= 40, "offsets of 40 records, but got %d", sum)
		return "a session that consumes and commits"
	})

	op("transaction: fenced", func() string {
		old := transactional(prefix + "-t3")
		defer old.Close()
		ten(old, "fenced")
		young := transactional(prefix + "-t3")
		defer young.Close()
		must(young.BeginTransaction())
		must(young.ProduceSync(ctx, &kgo.Record{Topic: txn, Value: []byte("young")}).FirstErr())
		must(young.EndTransaction(ctx, kgo.TryCommit))
		err := old.EndTransaction(ctx, kgo.TryCommit)
		var told *kerr.Error
		check(errors.As(err, &told), "fenced, but got %v", err)
		check(strings.Contains(told.Message, "EPOCH") || strings.Contains(told.Message, "FENCED"), "fenced, but got %v", err)
		return told.Message
	})

	op("groups: list, describe", func() string {
		listed, err := admin.ListGroups(ctx)
		must(err)
		_, found := listed[group]
		check(found, "the group is listed")
		active := join(prefix + "-g3")
		defer active.close()
		until(func() bool { return active.assigned == 4 }, active)
		described, err := admin.DescribeGroups(ctx, prefix+"-g3")
		must(err)
		one := described[prefix+"-g3"]
		check(one.State == "Stable" && len(one.Members) == 1, "stable, one member, but got %s", one.State)
		assigned, ok := one.Members[0].Assigned.AsConsumer()
		check(ok && len(assigned.Topics[0].Partitions) == 4, "its assignment")
		return "stable, one member, its assignment"
	})

	op("groups: alter offsets", func() string {
		var offsets kadm.Offsets
		offsets.AddOffset(grouped, 1, 3, -1)
		must(admin.CommitAllOffsets(ctx, group, offsets))
		found, err := admin.FetchOffsets(ctx, group)
		must(err)
		one, _ := found.Lookup(grouped, 1)
		check(one.At == 3, "offset 3, but got %d", one.At)
		return "set and read back"
	})

	op("groups: delete", func() string {
		_, err := admin.DeleteGroup(ctx, group)
		must(err)
		listed, err := admin.ListGroups(ctx)
		must(err)
		_, found := listed[group]
		check(!found, "gone")
		return "gone from the list"
	})

	op("configs: describe, alter", func() string {
		value := "7200000"
		altered, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &value}}, words)
		must(err)
		must(altered[0].Err)
		described, err := admin.DescribeTopicConfigs(ctx, words)
		must(err)
		one, err := described.On(words, nil)
		must(err)
		found := ""
		for _, config := range one.Configs {
			if config.Key == "retention.ms" {
				found = config.MaybeValue()
			}
		}
		check(found == value, "the new value, but got %s", found)
		return fmt.Sprintf("%d configs, one changed", len(one.Configs))
	})

	op("topics: add partitions", func() string {
		changed, err := admin.UpdatePartitions(ctx, 5, words)
		must(err)
		must(changed.Error())
		listed, err := admin.ListTopics(ctx, words)
		must(err)
		check(len(listed[words].Partitions) == 5, "five partitions")
		return "3 to 5"
	})

	op("topics: list offsets", func() string {
		start, end := offsetOf(admin.ListStartOffsets(ctx, codecTopic)), offsetOf(admin.ListEndOffsets(ctx, codecTopic))
		check(start == 0 && end == 320, "0 to 320, but got %d to %d", start, end)
		newest := offsetOf(admin.ListMaxTimestampOffsets(ctx, times))
		check(newest == 9, "offset 9 is the newest, but got %d", newest)
		return "earliest, latest, greatest time"
	})

	op("topics: delete records", func() string {
		var offsets kadm.Offsets
		offsets.AddOffset(codecTopic, 0, 50, -1)
		deleted, err := admin.DeleteRecords(ctx, offsets)
		must(err)
		must(deleted.Error())
		start := offsetOf(admin.ListStartOffsets(ctx, codecTopic))
		check(start == 50, "begins at 50, but got %d", start)
		return "up to an offset"
	})

	op("topics: delete", func() string {
		deleted, err := admin.DeleteTopics(ctx, names...)
		must(err)
		must(deleted.Error())
		listed, err := admin.ListTopics(ctx)
		must(err)
		for _, name := range names {
			_, left := listed[name]
			check(!left, "gone, but got %s", name)
		}
		return "gone from the list"
	})
}
