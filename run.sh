#!/usr/bin/env bash
# Runs the whole system in one process, with nothing but the .NET 10 SDK, on real work: ./run.sh --file path/to/any.csv
# All arguments are passed on; the program itself explains them (./run.sh --help).
set -euo pipefail

if ! command -v dotnet >/dev/null || ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
  echo "run.sh: the .NET 10 SDK is needed: https://dotnet.microsoft.com/download/dotnet/10.0" >&2
  exit 1
fi

# Paths are meant relative to where the caller stands.
arguments=()
previous=
for argument in "$@"; do
  case $argument in
    --*=/* | /*) ;;
    --*=*) if [[ -e ${argument#*=} ]]; then argument=${argument%%=*}=$PWD/${argument#*=}; fi ;;
    -*) ;;
    *) if [[ $previous == --file || -e $argument ]]; then argument=$PWD/$argument; fi ;;
  esac
  previous=$argument
  arguments+=("$argument")
done

cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
log=$(mktemp)
# To a file: the compiler's server outlives the build and would keep a pipe open that someone reads to its end.
if ! dotnet build services/Standalone -c Release -v q --tl:off </dev/null >"$log" 2>&1; then
  cat "$log" >&2
  rm -f "$log"
  echo "run.sh: the build failed." >&2
  exit 1
fi
rm -f "$log"
exec dotnet artifacts/bin/Standalone/release/A2A.Micro.Standalone.dll ${arguments[@]+"${arguments[@]}"}
