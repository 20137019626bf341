#!/usr/bin/env bash
# Measures throughput, latency and cost per task, next to the floor that the broker sets: bench/run.sh [--profile] [--json FILE] ...
# All arguments are passed on; the program itself explains them (bench/run.sh --help).
#
# It starts a PostgreSQL cluster and a RabbitMQ node of its own (./test.sh --servers) and ends both afterwards, unless
# A2A_TEST_POSTGRES and A2A_TEST_RABBITMQ name others.
set -euo pipefail
origin=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

dir=$(mktemp -d)
servers=
finish() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP # a second Ctrl-C must not leave the servers behind
  # TERM and not INT: what a script starts in the background ignores INT.
  [[ -z $servers ]] || kill -TERM "$servers" 2>/dev/null && wait "$servers" 2>/dev/null || true
  rm -rf "$dir"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# To a file: the compiler's server outlives the build and would keep a pipe open that someone reads to its end.
if ! dotnet build bench/Bench.csproj -c Release -v q --tl:off </dev/null >"$dir/build.log" 2>&1; then
  cat "$dir/build.log" >&2
  echo "bench/run.sh: the build failed." >&2
  exit 1
fi

if [[ " $* " != *" --help "* && (-z ${A2A_TEST_POSTGRES:-} || -z ${A2A_TEST_RABBITMQ:-}) ]]; then
  ./test.sh --servers >"$dir/servers" 2>"$dir/servers.log" &
  servers=$!
  # Its last sentence comes when both servers answer and all settings have been printed.
  until grep -q 'until Ctrl-C' "$dir/servers.log"; do
    if ! kill -0 "$servers" 2>/dev/null; then
      cat "$dir/servers.log" >&2
      echo "bench/run.sh: the servers did not start." >&2
      exit 1
    fi
    sleep 0.2
  done
  # shellcheck disable=SC1091 # written above
  source "$dir/servers"
fi

if A2A_BENCH_COMMIT=$(git rev-parse --short HEAD 2>/dev/null); then
  git diff --quiet HEAD 2>/dev/null || A2A_BENCH_COMMIT+=+
fi
export A2A_BENCH_COMMIT
program=$PWD/artifacts/bin/Bench/release/A2A.Micro.Bench.dll
cd "$origin" # a file is meant relative to where the caller stands
code=0
dotnet "$program" "$@" || code=$?
exit "$code"
