#!/usr/bin/env bash
# The official entry point's contract: CASSANDRA_* variables become settings, and the server runs as cassandra.
set -euo pipefail
if [ "$#" -eq 0 ] || [ "${1#-}" != "$1" ]; then set -- cassandra -f "$@"; fi
if [ "$1" = cassandra ]; then
  if [ "$(id -u)" = 0 ]; then
    chown -R cassandra:cassandra /var/lib/cassandra /var/log/cassandra /etc/cassandra
    exec setpriv --reuid=cassandra --regid=cassandra --clear-groups "$0" "$@"
  fi
  own=$(hostname -i | cut -d' ' -f1)
  listen=${CASSANDRA_LISTEN_ADDRESS:-auto}
  [ "$listen" = auto ] && listen=$own
  broadcast=${CASSANDRA_BROADCAST_ADDRESS:-$listen}
  set_yaml() { # KEY VALUE
    if [ -n "$2" ]; then sed -i -E "s|^(# )?$1:.*|$1: $2|" /etc/cassandra/cassandra.yaml; fi
  }
  set_yaml listen_address "$listen"
  set_yaml broadcast_address "$broadcast"
  set_yaml rpc_address "${CASSANDRA_RPC_ADDRESS:-0.0.0.0}"
  set_yaml broadcast_rpc_address "${CASSANDRA_BROADCAST_RPC_ADDRESS:-$broadcast}"
  set_yaml cluster_name "${CASSANDRA_CLUSTER_NAME:-}"
  set_yaml endpoint_snitch "${CASSANDRA_ENDPOINT_SNITCH:-}"
  set_yaml num_tokens "${CASSANDRA_NUM_TOKENS:-}"
  sed -i -E "s|(- seeds:).*|\1 \"${CASSANDRA_SEEDS:-$broadcast}\"|" /etc/cassandra/cassandra.yaml
  for part in dc:"${CASSANDRA_DC:-}" rack:"${CASSANDRA_RACK:-}"; do
    [ -z "${part#*:}" ] || sed -i -E "s|^(${part%%:*}=).*|\1${part#*:}|" /etc/cassandra/cassandra-rackdc.properties
  done
fi
exec "$@"
