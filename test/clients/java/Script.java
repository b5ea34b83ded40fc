import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.function.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

/** Java's client: the script of operations. Arguments: brokers, a prefix for names. Run from its source: java -cp … Script.java */
public class Script {
  static String brokers, prefix, words, codecTopic, times, grouped, txn;
  static List<String> names;
  static Admin admin;
  static final String PADDING = "x".repeat(100);

  interface Step { String run() throws Exception; }

  static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (char c : text.toCharArray()) out.append(c == '"' || c == '\\' ? "\\" + c : c < ' ' ? " " : "" + c);
    return out.append('"').toString();
  }

  static void print(String op, String ok, String detail) {
    System.out.println("{\"op\":" + quoted(op) + ",\"ok\":" + ok + ",\"detail\":" + quoted(detail) + "}");
  }

  static void op(String name, Step step) {
    try {
      print(name, "true", step.run());
    } catch (Throwable thrown) {
      Throwable cause = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
      print(name, "false", cause.getClass().getSimpleName() + ": " + cause.getMessage());
    }
  }

  static void check(boolean holds, String expected, Object seen) {
    if (!holds) throw new IllegalStateException(expected + ", but got " + seen);
  }

  static Map<String, Object> settings(Object... more) {
    Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", brokers, "client.id", prefix, "fetch.max.wait.ms", 100));
    for (int i = 0; i < more.length; i += 2) all.put((String) more[i], more[i + 1]);
    return all;
  }

  static KafkaProducer<String, String> producer(Object... more) {
    var all = settings(more);
    all.remove("fetch.max.wait.ms");
    all.put("max.block.ms", 30_000);
    return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
  }

  static KafkaConsumer<String, String> consumer(Object... more) {
    var all = settings(more);
    all.put("enable.auto.commit", false);
    return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
  }

  static void send(List<ProducerRecord<String, String>> records, Object... more) throws Exception {
    try (var producer = producer(more)) {
      var sent = records.stream().map(producer::send).toList();
      producer.flush();
      for (var one : sent) one.get();
    }
  }

  static void until(BooleanSupplier holds, Runnable poll) {
    long deadline = System.currentTimeMillis() + 30_000;
    while (!holds.getAsBoolean()) {
      check(System.currentTimeMillis() < deadline, "within 30 s", "nothing");
      poll.run();
    }
  }

  static List<ConsumerRecord<String, String>> read(String topic, long offset, int count, Object... more) {
    var seen = new ArrayList<ConsumerRecord<String, String>>();
    try (var consumer = consumer(more)) {
      var place = new TopicPartition(topic, 0);
      consumer.assign(List.of(place));
      consumer.seek(place, offset);
      until(() -> seen.size() >= count, () -> consumer.poll(Duration.ofMillis(100)).forEach(seen::add));
    }
    return seen;
  }

  static long offsetOf(String topic, OffsetSpec spec) throws Exception {
    return admin.listOffsets(Map.of(new TopicPartition(topic, 0), spec)).partitionResult(new TopicPartition(topic, 0)).get().offset();
  }

  static class Member implements ConsumerRebalanceListener, AutoCloseable {
    final KafkaConsumer<String, String> consumer;
    final Set<TopicPartition> assigned = new HashSet<>();
    final List<String> seen = new ArrayList<>();

    Member(String group, Object... more) {
      var all = new ArrayList<>(List.of(more));
      all.addAll(List.of("group.id", group, "auto.offset.reset", "earliest"));
      consumer = consumer(all.toArray());
      consumer.subscribe(List.of(grouped), this);
    }

    public void onPartitionsAssigned(Collection<TopicPartition> places) { assigned.addAll(places); }
    public void onPartitionsRevoked(Collection<TopicPartition> places) { assigned.removeAll(places); }

    void poll() {
      var records = consumer.poll(Duration.ofMillis(50));
      records.forEach(record -> seen.add(record.value()));
      try {
        if (!records.isEmpty()) consumer.commitSync();
      } catch (CommitFailedException rebalancing) {
        // The next poll joins again.
      }
    }

    public void close() { consumer.close(); }
  }

  /** Two members share, one leaves, a third goes on. */
  static List<Step> lifeOfAGroup(String group, Object... more) {
    var members = new Member[2];
    Runnable both = () -> { members[0].poll(); members[1].poll(); };
    return List.of(
      () -> {
        members[0] = new Member(group, more);
        until(() -> members[0].assigned.size() == 4, members[0]::poll);
        members[1] = new Member(group, more);
        until(() -> members[0].assigned.size() == 2 && members[1].assigned.size() == 2, both);
        until(() -> Stream.of(members).flatMap(one -> one.seen.stream()).distinct().count() >= 40, both);
        return "4 partitions, then 2 and 2; every record read";
      },
      () -> {
        members[1].close();
        until(() -> members[0].assigned.size() == 4, members[0]::poll);
        return "the other has all 4";
      },
      () -> {
        members[0].close();
        var later = "later " + UUID.randomUUID();
        send(List.of(new ProducerRecord<>(grouped, 2, null, later)));
        try (var third = new Member(group, more)) {
          until(() -> !third.seen.isEmpty(), third::poll);
          check(third.seen.equals(List.of(later)), "the later record alone", third.seen);
        }
        return "reads only what came later";
      });
  }

  static KafkaProducer<String, String> transactional(String id) {
    var producer = producer("transactional.id", id, "transaction.timeout.ms", 20_000);
    producer.initTransactions();
    return producer;
  }

  static void ten(Producer<String, String> producer, String what) {
    producer.beginTransaction();
    for (int i = 0; i < 10; i++) producer.send(new ProducerRecord<>(txn, what + " " + i));
    producer.flush();
  }

  static boolean listed(String group) throws Exception {
    return admin.listConsumerGroups().all().get().stream().anyMatch(one -> one.groupId().equals(group));
  }

  public static void main(String[] args) throws Exception {
    brokers = args[0];
    prefix = args[1];
    names = Stream.of("words", "codecs", "times", "group", "txn").map(name -> prefix + "-" + name).toList();
    words = names.get(0); codecTopic = names.get(1); times = names.get(2); grouped = names.get(3); txn = names.get(4);
    admin = Admin.create(settings("default.api.timeout.ms", 30_000, "request.timeout.ms", 20_000));

    op("metadata", () -> {
      var cluster = admin.describeCluster();
      check(!cluster.clusterId().get().isEmpty(), "a name", "");
      return cluster.nodes().get().size() + " broker, cluster named";
    });

    op("topics: create", () -> {
      var partitions = List.of(3, 1, 1, 4, 1);
      var topics = IntStream.range(0, 5).mapToObj(i -> new NewTopic(names.get(i), partitions.get(i), (short) 1)).toList();
      admin.createTopics(topics).all().get();
      try {
        admin.createTopics(topics.subList(0, 1)).all().get();
        throw new IllegalStateException("created twice");
      } catch (ExecutionException refused) {
        check(refused.getCause() instanceof TopicExistsException, "exists", refused);
      }
      check(admin.describeTopics(List.of(words)).allTopicNames().get().get(words).partitions().size() == 3, "three partitions", "");
      return "5 topics; a second time refused";
    });

    for (var codec : List.of("none", "gzip", "snappy", "lz4", "zstd"))
      op("produce: " + codec, () -> {
        for (var acks : List.of("0", "1", "all"))
          for (var topic : acks.equals("all") ? List.of(codecTopic, "everyone") : List.of(codecTopic)) {
            var records = new ArrayList<ProducerRecord<String, String>>();
            for (int i = 0; i < 20; i++) {
              var record = new ProducerRecord<>(topic, 0, "k" + i % 7, codec + " " + acks + " " + i + " " + PADDING);
              record.headers().add("codec", codec.getBytes());
              records.add(record);
            }
            send(records, "compression.type", codec, "acks", acks, "enable.idempotence", false, "linger.ms", 20);
          }
        return "acks 0, 1, all";
      });

    op("produce: idempotent", () -> {
      var records = new ArrayList<ProducerRecord<String, String>>();
      for (int i = 0; i < 20; i++) {
        var record = new ProducerRecord<>(codecTopic, 0, "k" + i % 7, "idempotent all " + i + " ");
        record.headers().add("codec", "none".getBytes());
        records.add(record);
      }
      send(records, "enable.idempotence", true, "batch.size", 100);
      return "20 records in sequence";
    });

    op("consume: from the start", () -> {
      var seen = read(codecTopic, 0, 320);
      for (int i = 0; i < seen.size(); i++) {
        var record = seen.get(i);
        var parts = record.value().split(" ");
        check(record.offset() == i, "offset " + i, record.offset());
        check(record.key().equals("k" + Integer.parseInt(parts[2]) % 7), "keys as sent", record.key());
        var header = new String(record.headers().lastHeader("codec").value(), StandardCharsets.UTF_8);
        check(header.equals(parts[0]) || parts[0].equals("idempotent"), "headers as sent", header);
      }
      long different = seen.stream().map(ConsumerRecord::value).distinct().count();
      check(different == 320, "320 different records", different);
      return "320 records of five codecs, keys and headers as sent";
    });

    op("consume: from an offset", () -> {
      long first = read(codecTopic, 13, 1).get(0).offset();
      check(first == 13, "offset 13 first", first);
      return "from the middle of a batch";
    });

    op("consume: from a time", () -> {
      long begin = System.currentTimeMillis() - 60_000;
      send(IntStream.range(0, 10).mapToObj(i -> new ProducerRecord<String, String>(times, 0, begin + 1000L * i, null, "" + i)).toList());
      try (var consumer = consumer()) {
        var place = new TopicPartition(times, 0);
        long found = consumer.offsetsForTimes(Map.of(place, begin + 4500)).get(place).offset();
        check(found == 5, "offset 5", found);
        check(read(times, found, 1).get(0).value().equals("5"), "the record of that time", "");
      }
      return "the first record after it";
    });

    op("consume: what other clients wrote", () -> {
      int end = (int) offsetOf("everyone", OffsetSpec.latest());
      for (var record : read("everyone", 0, end))
        check(record.value().startsWith(new String(record.headers().lastHeader("codec").value())), "as sent", record.value());
      return end + " records";
    });

    var group = prefix + "-g";
    var classic = lifeOfAGroup(group, "session.timeout.ms", 6000, "heartbeat.interval.ms", 300);
    op("group: two members", () -> {
      send(IntStream.range(0, 40).mapToObj(i -> new ProducerRecord<String, String>(grouped, i % 4, null, "" + i)).toList());
      return classic.get(0).run();
    });
    op("group: one leaves", classic.get(1));
    op("group: goes on from its commit", classic.get(2));

    op("group: consumer protocol", () -> {
      var told = new ArrayList<String>();
      for (var step : lifeOfAGroup(prefix + "-g848", "group.protocol", "consumer")) told.add(step.run());
      return String.join("; ", told);
    });

    op("transaction: committed", () -> {
      try (var producer = transactional(prefix + "-t1")) {
        ten(producer, "committed");
        producer.commitTransaction();
      }
      var seen = read(txn, 0, 10, "isolation.level", "read_committed");
      check(seen.stream().allMatch(record -> record.value().startsWith("committed")), "what was committed", seen);
      return "10 records read by read_committed";
    });

    op("transaction: aborted", () -> {
      try (var producer = transactional(prefix + "-t1")) {
        ten(producer, "aborted");
        producer.abortTransaction();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(txn, "committed last"));
        producer.commitTransaction();
      }
      var committed = read(txn, 0, 11, "isolation.level", "read_committed");
      check(committed.get(10).value().equals("committed last"), "the last of 11", committed.get(10).value());
      var all = read(txn, 0, 21);
      check(all.get(20).value().equals("committed last"), "the last of 21", all.get(20).value());
      return "10 aborted records hidden from read_committed";
    });

    op("transaction: with offsets", () -> {
      var place = new TopicPartition(grouped, 0);
      try (var member = new Member(prefix + "-g2"); var producer = transactional(prefix + "-t2")) {
        until(() -> member.assigned.size() == 4, member::poll);
        var metadata = member.consumer.groupMetadata();
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(place, new OffsetAndMetadata(7)), metadata);
        producer.commitTransaction();
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(place, new OffsetAndMetadata(9)), metadata);
        producer.abortTransaction();
        long found = member.consumer.committed(Set.of(place)).get(place).offset();
        check(found == 7, "offset 7", found);
      }
      return "the committed offset is there, the aborted one is not";
    });

    op("transaction: fenced", () -> {
      try (var old = transactional(prefix + "-t3"); var young = producer("transactional.id", prefix + "-t3")) {
        ten(old, "fenced");
        young.initTransactions();
        try {
          old.commitTransaction();
        } catch (ProducerFencedException | InvalidProducerEpochException fenced) {
          return fenced.getClass().getSimpleName();
        }
      }
      throw new IllegalStateException("no error");
    });

    op("groups: list, describe", () -> {
      check(listed(group), "the group is listed", "");
      var id = prefix + "-g3";
      try (var active = new Member(id)) {
        until(() -> active.assigned.size() == 4, active::poll);
        var described = admin.describeConsumerGroups(List.of(id)).all().get().get(id);
        check(described.state().toString().equals("Stable") && described.members().size() == 1, "stable, one member", described);
        check(described.members().iterator().next().assignment().topicPartitions().size() == 4, "its assignment", described);
      }
      return "stable, one member, its assignment";
    });

    op("groups: alter offsets", () -> {
      var place = new TopicPartition(grouped, 1);
      admin.alterConsumerGroupOffsets(group, Map.of(place, new OffsetAndMetadata(3))).all().get();
      long found = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(place).offset();
      check(found == 3, "offset 3", found);
      return "set and read back";
    });

    op("groups: delete", () -> {
      admin.deleteConsumerGroups(List.of(group)).all().get();
      check(!listed(group), "gone", "still there");
      return "gone from the list";
    });

    op("configs: describe, alter", () -> {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, words);
      var change = new AlterConfigOp(new ConfigEntry("retention.ms", "7200000"), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
      var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      check(config.get("retention.ms").value().equals("7200000"), "the new value", config.get("retention.ms"));
      return config.entries().size() + " configs, one changed";
    });

    op("topics: add partitions", () -> {
      admin.createPartitions(Map.of(words, NewPartitions.increaseTo(5))).all().get();
      int count = admin.describeTopics(List.of(words)).allTopicNames().get().get(words).partitions().size();
      check(count == 5, "five partitions", count);
      return "3 to 5";
    });

    op("topics: list offsets", () -> {
      long start = offsetOf(codecTopic, OffsetSpec.earliest()), end = offsetOf(codecTopic, OffsetSpec.latest());
      check(start == 0 && end == 320, "0 to 320", start + " to " + end);
      long newest = offsetOf(times, OffsetSpec.maxTimestamp());
      check(newest == 9, "offset 9 is the newest", newest);
      return "earliest, latest, greatest time";
    });

    op("topics: delete records", () -> {
      admin.deleteRecords(Map.of(new TopicPartition(codecTopic, 0), RecordsToDelete.beforeOffset(50))).all().get();
      long start = offsetOf(codecTopic, OffsetSpec.earliest());
      check(start == 50, "begins at 50", start);
      return "up to an offset";
    });

    op("topics: delete", () -> {
      admin.deleteTopics(names).all().get();
      var left = new TreeSet<>(admin.listTopics().names().get());
      left.retainAll(names);
      check(left.isEmpty(), "gone", left);
      return "gone from the list";
    });
    admin.close();
    // A producer that was fenced in a failed operation must not keep the program.
    System.exit(0);
  }
}
