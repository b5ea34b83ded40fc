#!/usr/bin/env bash
# Apache Kafka's console tools: the script of operations. Arguments: brokers, a prefix for names, the folder of the jars.
set -uo pipefail
brokers=$1 prefix=$2 jars=$3
words=$prefix-words codecs=$prefix-codecs grouped=$prefix-group txn=$prefix-txn
tools=org.apache.kafka.tools
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"; kill $(jobs -p) 2>/dev/null' EXIT

# run CLASS ARGUMENTS…: as the scripts of Kafka's bin/ start it, with the quicker compiler.
run() { timeout 40 java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$jars/*" "$@"; }
topics() { run $tools.TopicCommand --bootstrap-server "$brokers" "$@"; }
groups() { run $tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$brokers" "$@" 2>/dev/null; }
offsets() { run $tools.GetOffsetShell --bootstrap-server "$brokers" "$@"; }
produce_lines() { run $tools.ConsoleProducer --bootstrap-server "$brokers" "$@"; }
consume_lines() { run $tools.consumer.ConsoleConsumer --bootstrap-server "$brokers" "$@" 2>/dev/null; }

say() { printf '{"op":"%s","ok":%s,"detail":"%s"}\n' "$1" "$2" "$(tr -d '\n\\\r' <<<"${3//\"/\'}" | cut -c1-300)"; }
op() {
  local detail
  if detail=$("$2" 2>&1); then say "$1" true "$detail"; else say "$1" false "$detail"; fi
}
expect() { [ "$2" = "$3" ] || { echo "$1: expected $2, but got $3"; return 1; }; }
holds() { grep -qE "$1" <<<"$2" || { echo "no '$1' in: $2"; return 1; }; }
lines() { for i in $(seq 0 19); do printf 'codec:%s\tk%d\t%s %s %d %0100d\n' "$1" $((i % 7)) "$1" "$2" "$i" 0; done; }

metadata() {
  holds 'Cluster ID: .+' "$(run $tools.ClusterTool cluster-id --bootstrap-server "$brokers")" || return 1
  local versions
  versions=$(run $tools.BrokerApiVersionsCommand --bootstrap-server "$brokers") || return 1
  holds 'Produce\(0\).*usable' "$versions" && echo "cluster named; $(grep -c usable <<<"$versions") APIs usable"
}
create() {
  for at in "$words 3" "$codecs 1" "$grouped 4" "$txn 1"; do
    # shellcheck disable=SC2086
    set -- $at
    topics --create --topic "$1" --partitions "$2" --replication-factor 1 >/dev/null || return 1
  done
  holds 'already exists' "$(topics --create --topic "$words" 2>&1)" || return 1
  holds 'PartitionCount: 3' "$(topics --describe --topic "$words")" && echo '4 topics; a second time refused'
}
produce() {
  local settings=(--reader-property parse.key=true --reader-property parse.headers=true --compression-codec "$codec")
  for acks in 0 1 all; do
    lines "$codec" $acks | produce_lines "${settings[@]}" --topic "$codecs" --command-property enable.idempotence=false --request-required-acks $acks || return 1
  done
  lines "$codec" all | produce_lines "${settings[@]}" --topic everyone && echo 'acks 0, 1, all'
}
idempotent() {
  for i in $(seq 0 19); do echo "idempotent all $i"; done |
    produce_lines --topic "$codecs" --command-property enable.idempotence=true --batch-size 3 && echo '20 records in sequence'
}
from_start() {
  local all
  all=$(consume_lines --topic "$codecs" --partition 0 --offset earliest --max-messages 320 \
    --formatter-property print.offset=true --formatter-property print.headers=true)
  expect offsets "$(seq -f 'Offset:%g' 0 319 | cksum)" "$(cut -f1 <<<"$all" | cksum)" &&
    expect headers 300 "$(grep -cP '\tcodec:(\S+)\t\1 ' <<<"$all")" && echo '320 records of five codecs, headers as sent'
}
from_offset() {
  expect first Offset:13 "$(consume_lines --topic "$codecs" --partition 0 --offset 13 --max-messages 1 --formatter-property print.offset=true | cut -f1)" &&
    echo 'from the middle of a batch'
}
from_time() {
  local now
  now=$(date +%s%3N)
  expect offset "$codecs:0:320" "$(offsets --topic "$codecs" --time -1)" || return 1
  echo later | produce_lines --topic "$codecs" || return 1
  expect offset "$codecs:0:320" "$(offsets --topic "$codecs" --time "$now")" && echo 'the offset of a time'
}
others() {
  local end
  end=$(offsets --topic everyone --time -1 | cut -d: -f3)
  expect records "$end" "$(consume_lines --topic everyone --partition 0 --offset earliest --max-messages "$end" | wc -l)" && echo "$end records"
}
member() {
  java -Xmx128m -XX:+UseSerialGC -cp "$jars/*" $tools.consumer.ConsoleConsumer --bootstrap-server "$brokers" --topic "$grouped" --group "$1" \
    --from-beginning "${@:2}" >>"$scratch/$1" 2>/dev/null &
}
# Waits until the members of a group have so many partitions each.
shares() {
  local found=
  for _ in $(seq 20); do
    found=$(groups --describe --group "$1" --members 2>/dev/null | awk -v group="$1" '$1 == group { print $5 }' | sort | xargs)
    [ "$found" = "$2" ] && return 0
  done
  echo "expected shares $2, but got $found"
  return 1
}
two_members() {
  seq 0 39 | produce_lines --topic "$grouped" || return 1
  shares "$1" '2 2' && for _ in $(seq 100); do
    [ "$(sort -u "$scratch/$1" | wc -l)" -ge 40 ] && echo '2 and 2 partitions; every record read' && return 0
    sleep 0.1
  done
  echo "$(sort -u "$scratch/$1" | wc -l) of 40 records"
  return 1
}
classic() { two_members "$group"; }
consumer_protocol() { two_members "$prefix-g848"; }
one_leaves() { kill "$second" && shares "$group" 4 && echo 'the other has all 4'; }
goes_on() {
  kill "$first"
  for _ in $(seq 20); do groups --describe --group "$group" --state 2>/dev/null | grep -q Empty && break; done
  echo later | produce_lines --topic "$grouped" || return 1
  expect record later "$(consume_lines --topic "$grouped" --group "$group" --max-messages 1)" && echo 'reads only what came later'
}
committed() {
  run $tools.ProducerPerformance --topic "$txn" --num-records 50 --record-size 10 --throughput 100 \
    --command-property bootstrap.servers="$brokers" --transactional-id "$prefix-t1" --transaction-duration-ms 100 >/dev/null || return 1
  expect records 50 "$(consume_lines --topic "$txn" --partition 0 --offset earliest --max-messages 50 --isolation-level read_committed | wc -l)" || return 1
  holds "$prefix-t1.*CompleteCommit" "$(run $tools.TransactionsCommand --bootstrap-server "$brokers" list)" && echo '50 records in several, read by read_committed; listed'
}
list_groups() {
  holds "$group" "$(groups --list)" || return 1
  holds "$grouped +[0-3] +[0-9]+ +[0-9]+ +0 " "$(groups --describe --group "$group")" && echo 'listed, offsets and lag described'
}
alter_offsets() {
  groups --group "$group" --topic "$grouped" --reset-offsets --to-earliest --execute >/dev/null || return 1
  expect offsets '0 0 0 0' "$(groups --describe --group "$group" | awk -v topic="$grouped" '$2 == topic { print $4 }' | xargs)" &&
    echo 'reset and read back'
}
delete_group() {
  holds 'successful' "$(groups --delete --group "$group")" || return 1
  ! grep -q "^$group$" <<<"$(groups --list)" && echo 'gone from the list'
}
configs() {
  run $tools.ConfigCommand --bootstrap-server "$brokers" --entity-type topics --entity-name "$words" --alter --add-config retention.ms=7200000 >/dev/null || return 1
  holds 'retention.ms=7200000' "$(run $tools.ConfigCommand --bootstrap-server "$brokers" --entity-type topics --entity-name "$words" --describe)" &&
    echo 'one changed, described'
}
add_partitions() {
  topics --alter --topic "$words" --partitions 5 && holds 'PartitionCount: 5' "$(topics --describe --topic "$words")" && echo '3 to 5'
}
list_offsets() {
  expect earliest "$codecs:0:0" "$(offsets --topic "$codecs" --time earliest)" &&
    expect latest "$codecs:0:321" "$(offsets --topic "$codecs" --time latest)" &&
    expect 'greatest time' "$codecs:0:320" "$(offsets --topic "$codecs" --time max-timestamp)" && echo 'earliest, latest, greatest time'
}
delete_records() {
  echo "{\"partitions\":[{\"topic\":\"$codecs\",\"partition\":0,\"offset\":50}],\"version\":1}" >"$scratch/records.json"
  run $tools.DeleteRecordsCommand --bootstrap-server "$brokers" --offset-json-file "$scratch/records.json" >/dev/null || return 1
  expect earliest "$codecs:0:50" "$(offsets --topic "$codecs" --time earliest)" && echo 'up to an offset'
}
delete_topics() {
  topics --delete --topic "$prefix-.*" && expect left '' "$(topics --list | grep "^$prefix-")" && echo 'gone from the list'
}

op metadata metadata
op 'topics: create' create
for codec in none gzip snappy lz4 zstd; do op "produce: $codec" produce; done
op 'produce: idempotent' idempotent
op 'consume: from the start' from_start
op 'consume: from an offset' from_offset
op 'consume: from a time' from_time
op 'consume: what other clients wrote' others
group=$prefix-g
timing=(--command-property session.timeout.ms=6000 --command-property heartbeat.interval.ms=300)
member "$group" "${timing[@]}"; first=$!
member "$group" "${timing[@]}"; second=$!
op 'group: two members' classic
op 'group: one leaves' one_leaves
op 'group: goes on from its commit' goes_on
member "$prefix-g848" --command-property group.protocol=consumer; third=$!
member "$prefix-g848" --command-property group.protocol=consumer; fourth=$!
op 'group: consumer protocol' consumer_protocol
kill "$third" "$fourth"
op 'transaction: committed' committed
for name in aborted 'with offsets' fenced; do say "transaction: $name" null 'no command for it'; done
op 'groups: list, describe' list_groups
op 'groups: alter offsets' alter_offsets
op 'groups: delete' delete_group
op 'configs: describe, alter' configs
op 'topics: add partitions' add_partitions
op 'topics: list offsets' list_offsets
op 'topics: delete records' delete_records
op 'topics: delete' delete_topics
