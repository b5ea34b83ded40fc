#!/usr/bin/env bash
# Builds stand-ins for the official images of Apache Kafka, Cassandra, Apicurio and Node from Debian, Maven and npm packages,
# under the official names, for machines that no image registry can be reached from. They are NOT the official images.
#   build.sh [kafka|cassandra|apicurio|node …]      default: all four
# An image that exists already is left alone, official or not; --force builds it anew. Needs root, docker, mmdebstrap, and
# mvn, for node npm instead.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"

declare -A tags=(
  [kafka]=apache/kafka:4.4.0
  [cassandra]=cassandra:5.0.9
  [apicurio]=apicurio/apicurio-registry:3.3.3
  [node]=node:24-slim
)
declare -A bases=([kafka]=trixie [cassandra]=bookworm [apicurio]=trixie [node]=trixie)
declare -A runtimes=([trixie]=openjdk-21-jre-headless [bookworm]=openjdk-17-jre-headless)

force=0
wanted=()
for argument in "$@"; do
  case $argument in
    --force) force=1 ;;
    kafka | cassandra | apicurio | node) wanted+=("$argument") ;;
    *) echo "unknown image: $argument (kafka, cassandra, apicurio, node)" >&2; exit 2 ;;
  esac
done
[ "${#wanted[@]}" -gt 0 ] || wanted=(kafka cassandra apicurio node)

command -v docker >/dev/null || { echo "missing: docker" >&2; exit 3; }
present() { docker image inspect "$1" >/dev/null 2>&1; }
todo=()
for name in "${wanted[@]}"; do
  if [ "$force" = 1 ] || ! present "${tags[$name]}"; then todo+=("$name"); fi
done
if [ "${#todo[@]}" -eq 0 ]; then echo "images are there: ${wanted[*]}"; exit 0; fi

tools=$(for name in "${todo[@]}"; do if [ "$name" = node ]; then echo npm; else echo mvn; fi; done | sort -u)
missing=()
for tool in mmdebstrap $tools; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if [ "${#missing[@]}" -gt 0 ]; then echo "missing: ${missing[*]}" >&2; exit 3; fi

export DOCKER_BUILDKIT=0 # needs no plugin; nothing here profits from the newer builder
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The mirror that this machine's own packages come from.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m1 -E '/debian/?$' || true)
mirror=${mirror:-http://deb.debian.org/debian}

base() { # SUITE: Debian with a Java runtime. To a file first: a pipe that fails would leave an empty image.
  local suite=$1 tag="dds-stand-in/$1-jre"
  present "$tag" && return
  mmdebstrap --quiet --variant=minbase --include="${runtimes[$suite]},procps,hostname,iproute2" \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    "$suite" "$work/$suite.tar" "$mirror"
  docker import "$work/$suite.tar" "$tag" >/dev/null
  rm "$work/$suite.tar"
  echo "built $tag"
}

image() { # NAME: what Maven or npm has, and our files, on the base
  local name=$1 context="$work/$1"
  mkdir -p "$context"
  cp -r "$here/$name/." "$context"
  for pom in "$context"/*pom.xml; do
    [ ! -e "$pom" ] || mvn -q -B -f "$pom" package >"$work/$name.log" 2>&1 || { cat "$work/$name.log" >&2; return 1; }
  done
  [ ! -e "$here/$name/prepare" ] || "$here/$name/prepare" "$context" >"$work/$name.log" 2>&1 || { cat "$work/$name.log" >&2; return 1; }
  docker build -q -t "${tags[$name]}" --build-arg "BASE=dds-stand-in/${bases[$name]}-jre" \
    --label io.dds-lab.stand-in=true "$context" >"$work/$name.log" 2>&1 ||
    { tail -40 "$work/$name.log" >&2; return 1; }
  echo "built ${tags[$name]} (a stand-in made from packages)"
}

started=$SECONDS
suites=$(for name in "${todo[@]}"; do echo "${bases[$name]}"; done | sort -u)
jobs=()
for suite in $suites; do
  (
    base "$suite"
    for name in "${todo[@]}"; do [ "${bases[$name]}" != "$suite" ] || image "$name"; done
  ) &
  jobs+=($!)
done
status=0
for job in "${jobs[@]}"; do wait "$job" || status=$?; done
echo "took $((SECONDS - started)) s"
exit "$status"
