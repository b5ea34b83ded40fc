"""librdkafka through Python's confluent-kafka: the script of operations. Arguments: brokers, a prefix for names."""

import json
import sys
import time
import uuid

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, IsolationLevel
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

brokers, prefix = sys.argv[1], sys.argv[2]
base = {"bootstrap.servers": brokers, "client.id": prefix, "log_level": 0}
admin = AdminClient(base)
names = [f"{prefix}-{name}" for name in ("words", "codecs", "times", "group", "txn")]
words, codec_topic, times, grouped, txn = names
codecs = ["none", "gzip", "snappy", "lz4", "zstd"]
LIMIT = 30


def op(name):
    def run(function):
        try:
            outcome = {"op": name, "ok": True, "detail": function()}
        except Exception as error:  # every failure is an outcome
            outcome = {"op": name, "ok": False, "detail": str(error) or repr(error)}
        print(json.dumps(outcome), flush=True)

    return run


def check(holds, expected, seen=None):
    if not holds:
        raise AssertionError(expected if seen is None else f"{expected}, but got {seen}")


def results(futures):
    return {key: future.result(LIMIT) for key, future in futures.items()}


def until(holds, *members):
    deadline = time.monotonic() + LIMIT
    while not holds():
        check(time.monotonic() < deadline, "within 30 s")
        for member in members:
            member.poll()


def send(topic, records, **config):
    failed = []
    producer = Producer({**base, "linger.ms": 5, **config})
    for record in records:
        producer.produce(topic, on_delivery=lambda error, _: error and failed.append(error), **record)
    check(producer.flush(LIMIT) == 0 and not failed, "all delivered", failed)


def read(topic, count, offset=OFFSET_BEGINNING, **config):
    consumer = Consumer({**base, "group.id": uuid.uuid4().hex, "enable.auto.commit": False, **config})
    try:
        consumer.assign([TopicPartition(topic, 0, offset)])
        seen, deadline = [], time.monotonic() + LIMIT
        while len(seen) < count:
            check(time.monotonic() < deadline, f"{count} records", len(seen))
            message = consumer.poll(0.2)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            seen.append(message)
        return seen
    finally:
        consumer.close()


def list_offsets(topic, spec, partition=0):
    place = TopicPartition(topic, partition)
    return results(admin.list_offsets({place: spec}, isolation_level=IsolationLevel.READ_UNCOMMITTED))[place].offset


@op("metadata")
def _():
    cluster = admin.list_topics(timeout=LIMIT)
    check(len(cluster.brokers) >= 1, "a broker")
    described = admin.describe_cluster().result(LIMIT)
    return f"{len(described.nodes)} broker, cluster {'named' if described.cluster_id else 'without a name'}"


@op("topics: create")
def _():
    partitions = [3, 1, 1, 4, 1]
    topics = [NewTopic(name, count, 1) for name, count in zip(names, partitions)]
    results(admin.create_topics(topics))
    try:
        results(admin.create_topics(topics[:1]))
        raise AssertionError("not created twice")
    except KafkaException as error:
        check("exists" in str(error), "exists", error)
    check(len(admin.list_topics(words, LIMIT).topics[words].partitions) == 3, "three partitions")
    return "5 topics; a second time refused"


for codec in codecs:

    @op(f"produce: {codec}")
    def _():
        for acks in ("0", "1", "all"):
            records = [
                {"key": f"k{i % 7}", "value": f"{codec} {acks} {i} {'x' * 100}", "headers": [("codec", codec)]}
                for i in range(20)
            ]
            config = {"compression.type": codec, "acks": acks}
            send(codec_topic, records, **config)
            if acks == "all":
                send("everyone", records, **config)
        return "acks 0, 1, all"


@op("produce: idempotent")
def _():
    records = [{"key": f"k{i % 7}", "value": f"idempotent all {i} ", "headers": [("codec", "none")]} for i in range(20)]
    send(codec_topic, records, **{"enable.idempotence": True, "batch.num.messages": 3})
    return "20 records in sequence"


@op("consume: from the start")
def _():
    seen = read(codec_topic, 320)
    check(len({message.value() for message in seen}) == 320, "320 different records")
    check([message.offset() for message in seen] == list(range(320)), "offsets in order")
    for message in seen:
        kind, _, i, *_ = message.value().decode().split(" ")
        check(message.key().decode() == f"k{int(i) % 7}", "keys as sent", message.key())
        check(kind in (message.headers()[0][1].decode(), "idempotent"), "headers as sent", message.headers())
    return "320 records of five codecs, keys and headers as sent"


@op("consume: from an offset")
def _():
    first = read(codec_topic, 1, 13)[0]
    check(first.offset() == 13, "offset 13 first", first.offset())
    return "from the middle of a batch"


@op("consume: from a time")
def _():
    begin = int(time.time() * 1000) - 60_000
    send(times, [{"value": str(i), "timestamp": begin + 1000 * i} for i in range(10)])
    consumer = Consumer({**base, "group.id": uuid.uuid4().hex})
    found = consumer.offsets_for_times([TopicPartition(times, 0, begin + 4500)], LIMIT)[0].offset
    consumer.close()
    check(found == 5, "offset 5", found)
    check(read(times, 1, found)[0].value() == b"5", "the record of that time")
    return "the first record after it"


@op("consume: what other clients wrote")
def _():
    end = list_offsets("everyone", OffsetSpec.latest())
    for message in read("everyone", end):
        check(message.value().startswith(message.headers()[0][1]), "as sent", message.value())
    return f"{end} records"


class Member:
    def __init__(self, group, **config):
        self.assigned, self.seen = set(), []
        self.consumer = Consumer(
            {**base, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False, **config}
        )
        self.consumer.subscribe(
            [grouped],
            on_assign=lambda _, places: self.assigned.update(place.partition for place in places),
            on_revoke=lambda _, places: self.assigned.difference_update(place.partition for place in places),
        )

    def poll(self):
        message = self.consumer.poll(0.05)
        if message is not None and not message.error():
            self.seen.append(message.value().decode())
            self.consumer.commit(message, asynchronous=False)

    def close(self):
        self.consumer.close()


def life_of_a_group(group, **config):
    """Two members share, one leaves, a third goes on: yields after each."""
    if not config.get("again"):
        send(grouped, [{"value": str(i), "partition": i % 4} for i in range(40)])
    config.pop("again", None)
    first = Member(group, **config)
    until(lambda: len(first.assigned) == 4 and first.seen, first)
    second = Member(group, **config)
    both = (first, second)
    until(lambda: len(first.assigned) == 2 and len(second.assigned) == 2, *both)
    until(lambda: set(map(str, range(40))) <= {*first.seen, *second.seen}, *both)
    yield "4 partitions, then 2 and 2; every record read"
    second.close()
    until(lambda: len(first.assigned) == 4, first)
    yield "the other has all 4"
    first.close()
    later = uuid.uuid4().hex
    send(grouped, [{"value": later, "partition": 2}])
    third = Member(group, **config)
    until(lambda: third.seen, third)
    third.close()
    check(third.seen == [later], "the later record alone", third.seen)
    yield "reads only what came later"


group = f"{prefix}-g"
timing = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 300}
classic = life_of_a_group(group, **timing)
op("group: two members")(lambda: next(classic))
op("group: one leaves")(lambda: next(classic))
op("group: goes on from its commit")(lambda: next(classic))


@op("group: consumer protocol")
def _():
    return "; ".join(life_of_a_group(f"{prefix}-g848", again=True, **{"group.protocol": "consumer"}))


def transactional(id):
    producer = Producer({**base, "transactional.id": id, "transaction.timeout.ms": 20000})
    producer.init_transactions(LIMIT)
    return producer


def ten(producer, what):
    producer.begin_transaction()
    for i in range(10):
        producer.produce(txn, f"{what} {i}")
    check(producer.flush(LIMIT) == 0, "delivered")


@op("transaction: committed")
def _():
    producer = transactional(f"{prefix}-t1")
    ten(producer, "committed")
    producer.commit_transaction(LIMIT)
    seen = read(txn, 10, **{"isolation.level": "read_committed"})
    check(all(message.value().startswith(b"committed") for message in seen), "what was committed")
    return "10 records read by read_committed"


@op("transaction: aborted")
def _():
    producer = transactional(f"{prefix}-t1")
    ten(producer, "aborted")
    producer.abort_transaction(LIMIT)
    producer.begin_transaction()
    producer.produce(txn, "committed last")
    producer.commit_transaction(LIMIT)
    committed = read(txn, 11, **{"isolation.level": "read_committed"})
    check(committed[-1].value() == b"committed last", "the last of 11", committed[-1].value())
    everything = read(txn, 21, **{"isolation.level": "read_uncommitted"})
    check(everything[-1].value() == b"committed last", "the last of 21", everything[-1].value())
    return "10 aborted records hidden from read_committed"


@op("transaction: with offsets")
def _():
    member = Member(f"{prefix}-g2", **timing)
    until(lambda: len(member.assigned) == 4, member)
    producer = transactional(f"{prefix}-t2")
    metadata = member.consumer.consumer_group_metadata()
    producer.begin_transaction()
    producer.send_offsets_to_transaction([TopicPartition(grouped, 0, 7)], metadata, LIMIT)
    producer.commit_transaction(LIMIT)
    producer.begin_transaction()
    producer.send_offsets_to_transaction([TopicPartition(grouped, 0, 9)], metadata, LIMIT)
    producer.abort_transaction(LIMIT)
    found = member.consumer.committed([TopicPartition(grouped, 0)], LIMIT)[0].offset
    member.close()
    check(found == 7, "offset 7", found)
    return "the committed offset is there, the aborted one is not"


@op("transaction: fenced")
def _():
    old = transactional(f"{prefix}-t3")
    ten(old, "fenced")
    transactional(f"{prefix}-t3")
    try:
        old.commit_transaction(LIMIT)
    except KafkaException as error:
        name = error.args[0].name()
        check("FENCED" in name, "fenced", name)
        return name.lstrip("_")
    raise AssertionError("no error")


@op("groups: list, describe")
def _():
    listed = admin.list_consumer_groups().result(LIMIT)
    check(group in [one.group_id for one in listed.valid], "the group is listed")
    active = Member(f"{prefix}-g3", **timing)
    until(lambda: len(active.assigned) == 4, active)
    described = results(admin.describe_consumer_groups([f"{prefix}-g3"]))[f"{prefix}-g3"]
    active.close()
    check(described.state.name == "STABLE" and len(described.members) == 1, "stable, a member", described.state)
    check(len(described.members[0].assignment.topic_partitions) == 4, "its assignment")
    return "stable, one member, its assignment"


@op("groups: alter offsets")
def _():
    results(admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [TopicPartition(grouped, 1, 3)])]))
    found = results(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [TopicPartition(grouped, 1)])]))
    check(found[group].topic_partitions[0].offset == 3, "offset 3", found[group].topic_partitions)
    return "set and read back"


@op("groups: delete")
def _():
    results(admin.delete_consumer_groups([group]))
    check(group not in [one.group_id for one in admin.list_consumer_groups().result(LIMIT).valid], "gone")
    return "gone from the list"


@op("configs: describe, alter")
def _():
    entry = ConfigEntry("retention.ms", "7200000", incremental_operation=AlterConfigOpType.SET)
    results(admin.incremental_alter_configs([ConfigResource(ResourceType.TOPIC, words, incremental_configs=[entry])]))
    resource = ConfigResource(ResourceType.TOPIC, words)
    configs = results(admin.describe_configs([resource]))[resource]
    check(configs["retention.ms"].value == "7200000", "the new value", configs["retention.ms"])
    return f"{len(configs)} configs, one changed"


@op("topics: add partitions")
def _():
    results(admin.create_partitions([NewPartitions(words, 5)]))
    check(len(admin.list_topics(words, LIMIT).topics[words].partitions) == 5, "five partitions")
    return "3 to 5"


@op("topics: list offsets")
def _():
    found = [list_offsets(codec_topic, spec) for spec in (OffsetSpec.earliest(), OffsetSpec.latest())]
    check(found == [0, 320], "0 to 320", found)
    newest = list_offsets(times, OffsetSpec.max_timestamp())
    check(newest == 9, "offset 9 is the newest", newest)
    return "earliest, latest, greatest time"


@op("topics: delete records")
def _():
    results(admin.delete_records([TopicPartition(codec_topic, 0, 50)]))
    found = list_offsets(codec_topic, OffsetSpec.earliest())
    check(found == 50, "begins at 50", found)
    return "up to an offset"


@op("topics: delete")
def _():
    results(admin.delete_topics(names))
    left = set(names) & set(admin.list_topics(timeout=LIMIT).topics)
    check(not left, "gone", left)
    return "gone from the list"
