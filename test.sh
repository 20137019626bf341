#!/usr/bin/env bash
# Builds everything and runs every test, with the servers that the tests need.
#
#   ./test.sh                        all test projects
#   ./test.sh Gateway.Tests          one project (several may be named)
#   ./test.sh --filter Cancel        only tests whose name matches (dotnet test's filter)
#   ./test.sh --servers              start the servers only, until Ctrl-C
#
# It starts a PostgreSQL cluster and a RabbitMQ node of its own, on free ports of the loopback interface and in a folder below
# /tmp, and removes both at the end. Servers that run on this machine already are neither used nor touched. To use other ones:
#   A2A_TEST_POSTGRES  Npgsql connection string of a role that may create databases
#   A2A_TEST_RABBITMQ  amqp://user:password@host:port/vhost
# A2A_JSON_SCHEMA_SUITE names a checkout of the official JSON-Schema-Test-Suite; without it only our own cases of schemas run.
# A2A_TEST_RESULTS names a folder that keeps the result files (trx), A2A_TEST_LOGS one that keeps what every process wrote.
# A2A_TEST_TIMEOUT (default 30m) limits each project. The last lines say what failed, and "N passed, N failed"; the exit code
# is 0 when none failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

suite=../shared/data/json-schema-test-suite
if [[ -z ${A2A_JSON_SCHEMA_SUITE:-} && -d $suite/tests ]]; then export A2A_JSON_SCHEMA_SUITE=$PWD/$suite; fi

# Erlang's schedulers spin while they wait for work; on few cores they take the time from those who have some.
rabbitmq_calm="+sbwt none +sbwtdcpu none +sbwtdio none"

say() { printf '%s\n' "$*" >&2; }
die() { say "test.sh: $*"; exit 1; }

projects=()
filter=()
only_servers=false
while (($#)); do
  case $1 in
    --servers) only_servers=true ;;
    --filter) (($# > 1)) || die "--filter needs a value"; filter=(--filter "$2"); shift ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    -*) die "unknown option $1; see ./test.sh --help" ;;
    *) projects+=("$1") ;;
  esac
  shift
done

# --- what was started, and how it ends ---------------------------------------------------------------------------------

dir=$(mktemp -d /tmp/a2a-test.XXXXXX)
chmod 711 "$dir" # the servers run as users of their own and must reach their folders
server_pids=()
postgres_pid=
fetching=
declare -A running=() # process group of a test project that runs -> the project

finish() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP # a second Ctrl-C must not leave the servers behind
  for group in "${!running[@]}"; do end_tests "$group"; done
  # The data go with the folder, so there is no orderly shutdown. QUIT lets PostgreSQL collect its own children first.
  [[ -z $postgres_pid ]] || kill -QUIT "$postgres_pid" 2>/dev/null && wait "$postgres_pid" 2>/dev/null || true
  [[ ! -s $dir/rabbitmq/node.pid ]] || kill -KILL "$(<"$dir/rabbitmq/node.pid")" 2>/dev/null || true
  for ((i = 0; i < ${#server_pids[@]}; i++)); do
    kill -KILL -- "-${server_pids[i]}" 2>/dev/null && wait "${server_pids[i]}" 2>/dev/null || true
  done
  rm -rf "$dir" 2>/dev/null || { sleep 0.5; rm -rf "$dir" || true; }
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A test project runs in a process group of its own, so that services started by a test that broke off end with it.
end_tests() {
  kill -KILL -- "-$1" 2>/dev/null || true
  unset "running[$1]"
}

# --- servers -------------------------------------------------------------------------------------------------------------

newest() { printf '%s\n' "$@" | sort -V | tail -n 1; }

find_postgres() {
  local initdb
  initdb=$(newest /usr/lib/postgresql/*/bin/initdb)
  [[ -x $initdb ]] || initdb=$(command -v initdb || true)
  [[ -n $initdb ]] && postgres_bin=$(dirname "$(readlink -f "$initdb")")
}

# Debian's /usr/sbin/rabbitmq-server insists on the system's own node; the script behind it starts any node.
find_rabbitmq() {
  local server
  server=$(newest /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server)
  [[ -x $server ]] && command -v epmd >/dev/null && rabbitmq_bin=$(dirname "$server")
}

install_packages() {
  local sudo=() policy=/usr/sbin/policy-rc.d
  command -v apt-get >/dev/null ||
    die "$* not found and this is no Debian or Ubuntu: install them, or set A2A_TEST_POSTGRES and A2A_TEST_RABBITMQ."
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "please install as root: apt-get install $*"
    sudo=(sudo)
  fi
  say "Installing $* (Debian packages; the system's own services are not started) ..."
  # While this file stands, no package starts its service: the tests bring nodes of their own.
  local ours=false
  if [[ ! -e $policy ]]; then
    ours=true
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
    "${sudo[@]}" chmod 755 "$policy"
  fi
  local failed=false
  "${sudo[@]}" apt-get update -qq >"$dir/apt.log" 2>&1 || true
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
    </dev/null >>"$dir/apt.log" 2>&1 || failed=true
  if $ours; then "${sudo[@]}" rm -f "$policy"; fi
  if $failed; then
    tail -n 15 "$dir/apt.log" >&2
    die "apt-get could not install $*; the lines above say why."
  fi
}

# Both servers refuse to run as root, or should.
as() {
  local user=$1
  shift
  if ((EUID == 0)); then
    setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups -- "$@"
  else
    "$@"
  fi
}

server_user() {
  if ((EUID != 0)); then id -un; elif id "$1" >/dev/null 2>&1; then echo "$1"; else echo nobody; fi
}

own_folder() {
  mkdir -m 700 "$dir/$1"
  ((EUID != 0)) || chown "$2:" "$dir/$1"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range from which the kernel hands out ports, so that nothing takes one between the question and the start.
free_port() {
  local port
  while port=$((10000 + (RANDOM * 32768 + RANDOM) % 20000)); listens "$port"; do :; done
  echo "$port"
}

random_word() { od -An -N8 -tx1 /dev/urandom | tr -d ' \n'; }

# Starts a server in a process group of its own; remembered in server_pids.
start() {
  local user=$1 log=$2
  shift 2
  if ((EUID == 0)); then
    setsid setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups -- "$@" </dev/null >"$log" 2>&1 &
  else
    setsid "$@" </dev/null >"$log" 2>&1 &
  fi
  server_pids+=($!)
}

await_server() {
  local name=$1 pid=$2 log=$3
  shift 3
  for ((i = 0; i < 600; i++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$log" >&2
  die "$name did not start; the lines above are the end of its log."
}

start_postgres() {
  local user port data password log=$dir/postgres.log
  user=$(server_user postgres)
  own_folder postgres "$user"
  port=$(free_port)
  data=$dir/postgres/data
  password=$(random_word)
  (umask 077; printf '%s\n' "$password" >"$dir/postgres/password")
  ((EUID != 0)) || chown "$user:" "$dir/postgres/password"
  (cd "$dir/postgres" && as "$user" "$postgres_bin/initdb" -D "$data" -U a2a -A scram-sha-256 --pwfile="$dir/postgres/password" \
    -E UTF8 --locale=C.UTF-8 --no-sync >"$log" 2>&1) || { tail -n 20 "$log" >&2; die "initdb failed."; }
  cat >>"$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir/postgres'
max_connections = 300
fsync = on
shared_buffers = 128MB
CONF
  start "$user" "$log" "$postgres_bin/postgres" -D "$data"
  postgres_pid=$!
  await_server PostgreSQL "$postgres_pid" "$log" "$postgres_bin/pg_isready" -q -h 127.0.0.1 -p "$port"
  export A2A_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Username=a2a;Password=$password;Database=postgres"
}

start_rabbitmq() {
  local user port epmd_port password node log=$dir/rabbitmq.log
  user=$(server_user rabbitmq)
  own_folder rabbitmq "$user"
  port=$(free_port)
  epmd_port=$(free_port)
  password=$(random_word)
  local home=$dir/rabbitmq
  cat >"$home/rabbitmq.conf" <<CONF
listeners.tcp.local = 127.0.0.1:$port
load_definitions = $home/definitions.json
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
log.console = true
log.console.level = warning
log.file = false
CONF
  cat >"$home/definitions.json" <<JSON
{
  "users": [
    { "name": "a2a", "password": "$password", "tags": "administrator" },
    { "name": "guest", "password": "guest", "tags": "administrator" }
  ],
  "vhosts": [{ "name": "/" }, { "name": "a2a" }],
  "permissions": [
    { "user": "a2a", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" },
    { "user": "a2a", "vhost": "a2a", "configure": ".*", "write": ".*", "read": ".*" },
    { "user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" }
  ]
}
JSON
  printf '[].\n' >"$home/enabled_plugins"
  : >"$home/rabbitmq-env.conf"
  ((EUID != 0)) || chown -R "$user:" "$home"
  # A name map (epmd), a cookie (HOME) and a node name of its own: a node of the machine is neither seen nor disturbed.
  node=(
    env HOME="$home" ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1
    RABBITMQ_NODENAME="a2a-$(random_word)@localhost" RABBITMQ_DIST_PORT="$(free_port)"
    RABBITMQ_CTL_DIST_PORT_MIN=36000 RABBITMQ_CTL_DIST_PORT_MAX=36999
    RABBITMQ_CONF_ENV_FILE="$home/rabbitmq-env.conf" RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf"
    RABBITMQ_ADVANCED_CONFIG_FILE="$home/advanced.config" RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins"
    RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home/log" RABBITMQ_PID_FILE="$home/node.pid"
    "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=$rabbitmq_calm -kernel inet_dist_use_interface {127,0,0,1}"
  )
  start "$user" "$dir/epmd.log" epmd -port "$epmd_port" -address 127.0.0.1
  await_server epmd "$!" "$dir/epmd.log" listens "$epmd_port"
  start "$user" "$log" "${node[@]}" "$rabbitmq_bin/rabbitmq-server"
  local pid=$!
  # The listener opens at the end of the node's start, after the definitions have been loaded.
  await_server RabbitMQ "$pid" "$log" listens "$port"
  {
    echo '#!/usr/bin/env bash'
    echo "cd '$home'"
    if ((EUID == 0)); then printf 'exec setpriv --reuid %q --regid %q --init-groups -- ' "$user" "$(id -g "$user")"; else printf 'exec '; fi
    printf '%q ' "${node[@]}" "$rabbitmq_bin/rabbitmqctl"
    echo '"$@"'
  } >"$dir/rabbitmqctl"
  chmod 755 "$dir/rabbitmqctl"
  export A2A_TEST_RABBITMQ="amqp://a2a:$password@127.0.0.1:$port/a2a"
  export A2A_TEST_RABBITMQCTL="$dir/rabbitmqctl"
}

# Packages that are missing are fetched while the compiler works.
fetch_servers() {
  local missing=()
  [[ -n ${A2A_TEST_POSTGRES:-} ]] || find_postgres || missing+=(postgresql)
  [[ -n ${A2A_TEST_RABBITMQ:-} ]] || find_rabbitmq || missing+=(rabbitmq-server)
  if ((${#missing[@]})); then
    install_packages "${missing[@]}" &
    fetching=$!
  fi
}

start_servers() {
  [[ -z $fetching ]] || wait "$fetching" || exit 1 # it has said why
  if [[ -n ${A2A_TEST_POSTGRES:-} ]]; then
    say "PostgreSQL: as given in A2A_TEST_POSTGRES"
  else
    find_postgres || die "PostgreSQL was installed but initdb is not in /usr/lib/postgresql/*/bin."
    start_postgres
    say "PostgreSQL: started ($("$postgres_bin/postgres" --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1))"
  fi
  if [[ -n ${A2A_TEST_RABBITMQ:-} ]]; then
    say "RabbitMQ: as given in A2A_TEST_RABBITMQ"
  else
    find_rabbitmq || die "RabbitMQ was installed but rabbitmq-server is not in /usr/lib/rabbitmq/lib/*/sbin."
    start_rabbitmq
    say "RabbitMQ: started ($(basename "$(dirname "$rabbitmq_bin")" | cut -d- -f2))"
  fi
}

fetch_servers
if $only_servers; then
  start_servers
  for name in A2A_TEST_POSTGRES A2A_TEST_RABBITMQ A2A_TEST_RABBITMQCTL; do
    [[ -z ${!name:-} ]] || printf 'export %s=%q\n' "$name" "${!name}"
  done
  say "The servers run until Ctrl-C."
  if ((${#server_pids[@]})); then wait -n "${server_pids[@]}" || true; die "a server ended; see its log above."; fi
  exit 0
fi

# --- build -----------------------------------------------------------------------------------------------------------------

command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.' ||
  die "the .NET 10 SDK is needed: https://dotnet.microsoft.com/download/dotnet/10.0"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

if ((${#projects[@]} == 0)); then
  for file in tests/*.Tests/*.Tests.csproj; do projects+=("$(basename "$file" .csproj)"); done
  targets=(A2A.Micro.sln)
else
  targets=()
  for i in "${!projects[@]}"; do
    projects[i]=$(basename "${projects[i]%/}" .csproj)
    [[ -f tests/${projects[i]}/${projects[i]}.csproj ]] || die "there is no test project ${projects[i]}"
    targets+=("tests/${projects[i]}")
  done
fi

for target in "${targets[@]}"; do
  say "Building $target ..."
  # To a file: the compiler's server outlives the build and would keep a pipe open that someone reads to its end.
  dotnet build "$target" -c Release -v q --tl:off </dev/null >"$dir/build.log" 2>&1 || {
    grep -E ': (error|warning) ' "$dir/build.log" | sort -u | head -n 40 >&2 || tail -n 40 "$dir/build.log" >&2
    die "the build failed."
  }
done

start_servers

# --- run -------------------------------------------------------------------------------------------------------------------

passed=0 failed=0 skipped=0

# Prints "total executed passed failed" of one result file. xunit's skipped tests are total minus executed.
counts() {
  local line
  line=$(tr '\n' ' ' <"$1" | grep -oE '<Counters [^>]*>' | head -n 1) || return 1
  local name value sum=0 out=()
  for name in total executed passed; do
    value=$(grep -oE "[ ]$name=\"[0-9]+\"" <<<"$line" | grep -oE '[0-9]+') || return 1
    out+=("$value")
  done
  for name in failed error timeout aborted; do
    value=$(grep -oE "[ ]$name=\"[0-9]+\"" <<<"$line" | grep -oE '[0-9]+') || value=0
    sum=$((sum + value))
  done
  echo "${out[@]}" "$sum"
}

# What failed and the first words of why, for the end of the output: the whole story stands above, and may be long.
failures() {
  awk '/^  Failed /{print substr($0, 1, 300); left=0} /^  Stack Trace:/{left=0} left-->0{print substr($0, 1, 600)} /^  Error Message:/{left=3}' "$1"
}

# Starts a project; its process group is in `running` until it is collected.
start_project() {
  local assembly=artifacts/bin/$1/release/A2A.Micro.$1.dll
  began[$1]=$SECONDS
  if [[ -f $assembly ]]; then
    setsid timeout --kill-after=10 "${A2A_TEST_TIMEOUT:-30m}" \
      dotnet test "$assembly" --logger "trx;LogFileName=$dir/$1.trx" --results-directory "$dir/results" \
      ${filter[@]+"${filter[@]}"} </dev/null >"$dir/$1.log" 2>&1 &
  else
    echo "$assembly was not built: is tests/$1 part of A2A.Micro.sln?" >"$dir/$1.log"
    false &
  fi
  running[$!]=$1
}

# Waits until one of the running projects has ended, and counts it.
collect_project() {
  local group='' code=0 project log total executed good bad
  wait -n -p group "${!running[@]}" || code=$?
  project=${running[$group]} log=$dir/${running[$group]}.log
  end_tests "$group"
  if [[ -n ${A2A_TEST_RESULTS:-} && -f $dir/$project.trx ]]; then cp "$dir/$project.trx" "$A2A_TEST_RESULTS/"; fi
  read -r total executed good bad <<<"$([[ -f $dir/$project.trx ]] && counts "$dir/$project.trx" || echo 0 0 0 0)"
  if ((code != 0 && bad == 0)); then
    bad=1 # it broke off: a run that says nothing of its tests is no success
    if ((code == 124 || code == 137)); then echo "$project did not end within ${A2A_TEST_TIMEOUT:-30m}." >>"$log"; fi
  fi
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
  if ((bad)); then failures "$log" >>"$dir/failures"; fi
  if ((bad)); then grep -vE '^(Test run for|A total of|Starting test execution)' "$log" | tail -n 200 >&2 || true; fi
  if ((total || bad)); then say "  $project: $good passed, $bad failed ($((SECONDS - began[$project])) s)"; fi
}

# Two at a time; what starts whole systems of processes comes last and has the machine to itself.
declare -A began=()
[[ -z ${A2A_TEST_RESULTS:-} ]] || mkdir -p "$A2A_TEST_RESULTS"
for project in "${projects[@]}"; do
  [[ $project != System.Tests ]] || continue
  ((${#running[@]} < 2)) || collect_project
  start_project "$project"
done
while ((${#running[@]})); do collect_project; done
if [[ " ${projects[*]} " == *' System.Tests '* ]]; then
  start_project System.Tests
  collect_project
fi

summary="$passed passed, $failed failed"
if ((skipped)); then summary+=", $skipped skipped"; fi
if ((passed + failed == 0)); then say "No test ran."; fi
if [[ -s $dir/failures ]]; then echo "What failed:"; cat "$dir/failures"; fi
echo "$summary"
((failed == 0 && passed > 0))
