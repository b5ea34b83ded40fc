#!/usr/bin/env bash
# kcat: the part of the script of operations that it can do. Arguments: brokers, a prefix for names.
set -uo pipefail
brokers=$1 prefix=$2
words=$prefix-words codecs=$prefix-codecs times=$prefix-times
kc() { timeout 30 kcat -b "$brokers" "$@"; }

say() { printf '{"op":"%s","ok":%s,"detail":"%s"}\n' "$1" "$2" "$(tr -d '\n\\' <<<"${3//\"/\'}")"; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# op NAME FUNCTION: what the function prints is the detail; that it fails is a failure. Not in a subshell, since the
# processes that it starts stay for the next operation.
op() {
  local ok=true
  "$2" >"$scratch/detail" 2>&1 || ok=false
  say "$1" $ok "$(<"$scratch/detail")"
}
expect() { [ "$2" = "$3" ] || { echo "$1: expected $2, but got $3"; return 1; }; }
lines() { for i in $(seq 0 $(($2 - 1))); do printf 'k%d\t%s %d %0100d\n' $((i % 7)) "$1" "$i" 0; done; }

metadata() {
  kc -L -J | grep -q '"brokers":\[{' && echo 'the broker is listed'
}
produce() {
  local acks
  for acks in 0 1 all; do
    lines "$codec $acks" 20 | kc -P -t "$codecs" -K '\t' -z "$codec" -H "codec=$codec" -X acks=$acks || return 1
  done
  lines "$codec all" 20 | kc -P -t everyone -K '\t' -z "$codec" -H "codec=$codec" && echo 'acks 0, 1, all'
}
idempotent() {
  lines 'idempotent all' 20 | kc -P -t "$codecs" -K '\t' -X enable.idempotence=true -X batch.num.messages=3 &&
    echo '20 records in sequence'
}
from_start() {
  local all
  all=$(kc -C -t "$codecs" -e -q -f '%o %k %h %s\n')
  expect records 320 "$(sort -u <<<"$all" | wc -l)" &&
    expect offsets "$(seq 0 319 | cksum)" "$(cut -d' ' -f1 <<<"$all" | cksum)" &&
    expect headers 300 "$(grep -cE ' codec=([a-z0-9]+) \1 ' <<<"$all")" && echo '320 records of five codecs, keys and headers as sent'
}
from_offset() { expect first 13 "$(kc -C -t "$codecs" -o 13 -c 1 -q -f '%o')" && echo 'from the middle of a batch'; }
from_time() {
  lines early 5 | kc -P -t "$times" -K '\t' || return 1
  # The clock of the broker and of kcat is one: whatever is sent from here on is later.
  local now
  now=$(($(date +%s%3N) + 1))
  while [ "$(date +%s%3N)" -le "$now" ]; do :; done
  lines late 5 | kc -P -t "$times" -K '\t' || return 1
  expect offset "$times [0] offset 5" "$(kc -Q -t "$times:0:$now")" || return 1
  expect record 'late 0' "$(kc -C -t "$times" -o "s@$now" -c 1 -q -f '%s' | cut -d' ' -f1-2)" && echo 'the first record after it'
}
others() {
  local end
  end=$(kc -Q -t everyone:0:-1 | sed 's/.* //')
  expect records "$end" "$(kc -C -t everyone -e -q -f '%o\n' | wc -l)" && echo "$end records"
}
# Two members are two processes; each tells of its rebalances on stderr.
two_members() {
  first=$scratch/first second=$scratch/second
  timeout 60 kcat -u -b "$brokers" -X auto.offset.reset=earliest -X session.timeout.ms=6000 -X heartbeat.interval.ms=300 -X partition.assignment.strategy=roundrobin -G "$prefix-g" "$codecs" "$words" >"$first" 2>&1 &
  first_pid=$!
  await "$first" "assigned: .*$codecs \[0\]" || return 1
  timeout 60 kcat -u -b "$brokers" -X auto.offset.reset=earliest -X session.timeout.ms=6000 -X heartbeat.interval.ms=300 -X partition.assignment.strategy=roundrobin -G "$prefix-g" "$codecs" "$words" >"$second" 2>&1 &
  second_pid=$!
  await "$second" 'assigned: .*\[[0-9]\]' && echo 'the second is assigned a share'
}
# Waits until a file has a line that matches.
await() {
  for _ in $(seq 600); do
    grep -qE "$2" "$1" && return 0
    sleep 0.05
  done
  echo "no line '$2' within 30 s: $(tail -1 "$1")"
  return 1
}
one_leaves() {
  local before
  for _ in $(seq 600); do
    [ "$(cat "$first" "$second" | grep -cE '^(none|gzip|snappy|lz4|zstd|idempotent) ')" -ge 320 ] && break
    sleep 0.05
  done
  before=$(grep -c 'assigned:' "$first")
  kill "$second_pid"
  wait "$second_pid" 2>/dev/null
  for _ in $(seq 600); do
    [ "$(grep -c 'assigned:' "$first")" -gt "$before" ] && echo 'the other is assigned anew' && return 0
    sleep 0.05
  done
  echo 'no new assignment within 30 s'
  return 1
}
goes_on() {
  kill "$first_pid"
  wait "$first_pid" 2>/dev/null
  lines later 1 | kc -P -t "$codecs" -K '\t' || return 1
  expect record 'later 0' "$(kc -q -c 1 -f '%s' -X auto.offset.reset=earliest -G "$prefix-g" "$codecs" | cut -d' ' -f1-2)" && echo 'reads only what came later'
}

op metadata metadata
kc -L -t "$words" >/dev/null 2>&1 && kc -L -t "$codecs" >/dev/null 2>&1
say 'topics: create' null 'no command for it; the broker makes topics that are asked for'
for codec in none gzip snappy lz4 zstd; do op "produce: $codec" produce; done
op 'produce: idempotent' idempotent
op 'consume: from the start' from_start
op 'consume: from an offset' from_offset
op 'consume: from a time' from_time
op 'consume: what other clients wrote' others
op 'group: two members' two_members
op 'group: one leaves' one_leaves
op 'group: goes on from its commit' goes_on
say 'group: consumer protocol' null 'its librdkafka is older'
for name in committed aborted 'with offsets' fenced; do say "transaction: $name" null 'no command for it'; done
for name in 'groups: list, describe' 'groups: alter offsets' 'groups: delete' 'configs: describe, alter' \
  'topics: add partitions'; do say "$name" null 'no command for it'; done
offsets() {
  expect earliest "$codecs [0] offset 0" "$(kc -Q -t "$codecs:0:-2")" &&
    expect latest "$codecs [0] offset 321" "$(kc -Q -t "$codecs:0:-1")" && echo 'earliest and latest'
}
op 'topics: list offsets' offsets
for name in 'topics: delete records' 'topics: delete'; do say "$name" null 'no command for it'; done
