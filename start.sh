#!/usr/bin/env bash
# The one command: sets up what is missing, then runs Parley.
#   ./start.sh                    run on http://127.0.0.1:3555 (settings: .env.example)
#   ./start.sh test [pytest args] set up everything the tests need and run them
#   ./start.sh bench | chaos      measure it | torture it
#   ./start.sh screenshots        take the pictures in docs/screenshots again
#   ./start.sh setup              only set up (setup-tests: for the tests too)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

die() {
  printf 'start.sh: %s\n' "$*" >&2
  exit 2
}

# A name on PATH may be a shim that runs nothing: ask each candidate what it is.
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      printf '%s' "$candidate"
      return
    fi
  done
  if [ -n "${PYTHON:-}" ]; then die "PYTHON=$PYTHON is not a Python 3.11 or newer"; fi
  die "Python 3.11 or newer was not found: install python3 (3.11+), or set PYTHON to it"
}

make_venv() {
  local python
  if .venv/bin/python -c 'import pip' >/dev/null 2>&1; then return; fi
  python=$(find_python)
  "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
    die "$python has no venv module: install it (Debian and Ubuntu: apt-get install python3-venv)"
  echo "start.sh: making a virtual environment with $("$python" --version)"
  rm -rf .venv
  "$python" -m venv .venv || die "the virtual environment could not be made in $PWD/.venv"
}

# Installs a hash-pinned list once: a copy beside the environment says which one it holds.
install() {
  local list=$1 stamp=.venv/installed-$1
  if cmp -s "$list" "$stamp"; then return; fi
  make_venv
  echo "start.sh: installing $list"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes --requirement "$list" || die "installing $list failed: see the lines above"
  cp "$list" "$stamp"
}

compile_catalogues() {
  local po
  for po in locale/*/LC_MESSAGES/*.po; do
    [ -e "$po" ] || continue
    if [ "$po" -nt "${po%.po}.mo" ]; then
      .venv/bin/python -m babel.messages.frontend --quiet compile -i "$po" -o "${po%.po}.mo" ||
        die "$po could not be compiled"
    fi
  done
}

setup() {
  install requirements.txt
  compile_catalogues
}

# What the tests run beside Python: a browser, PostgreSQL and Redis servers.
has_postgres() { command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
has_redis() { command -v redis-server >/dev/null || command -v valkey-server >/dev/null; }

setup_tests() {
  local missing=()
  setup
  install requirements-dev.txt
  has_chromium || missing+=(chromium)
  has_postgres || missing+=(postgresql)
  has_redis || missing+=(redis-server)
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    die "the tests also need: ${missing[*]} (Debian and Ubuntu: apt-get install ${missing[*]})"
  fi
  echo "start.sh: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 # RUNLEVEL: start no services
  # No cluster is wanted, only the programs.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null ||
    die "apt-get could not install ${missing[*]}"
}

export PYTHONPATH=$PWD/src
case "${1:-serve}" in
  serve)
    setup
    exec .venv/bin/python -m parley serve
    ;;
  setup) setup ;;
  setup-tests) setup_tests ;;
  test)
    shift
    setup_tests
    # The whole suite is shared among the cores; what was asked for by name runs in one process.
    [ $# -gt 0 ] || set -- -n auto --maxprocesses 4 --dist loadgroup
    exec .venv/bin/python -m pytest "$@"
    ;;
  bench | chaos | screenshots)
    suite=$1
    shift
    setup_tests
    export PYTHONPATH=$PWD/src:$PWD
    exec .venv/bin/python -m "tests.$suite" "$@"
    ;;
  prepare | migrate | backup | restore | rollback | audit | check | health)
    setup
    exec .venv/bin/python -m parley "$@"
    ;;
  *) die "unknown command $1: run, test, bench, chaos, screenshots, setup, prepare, migrate, backup, restore, rollback, audit, check or health" ;;
esac
