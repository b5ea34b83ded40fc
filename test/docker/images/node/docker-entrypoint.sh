#!/bin/sh
# What is no program is for node: `docker run IMAGE app.js`, `docker run IMAGE --version`.
case "$1" in
  -*) exec node "$@" ;;
esac
command -v -- "$1" >/dev/null || exec node "$@"
exec "$@"
