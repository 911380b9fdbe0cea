# A throw-away PostgreSQL cluster, for scripts that source this: `postgres_install` where it may be missing, then
# `postgres_start FOLDER [-c option …]` gives $postgres_url, and `postgres_stop` ends it. The folder is the caller's to remove.

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Installs Debian packages, if there are any to install.
install_missing() {
    [ "$#" -gt 0 ] || return 0
    echo "Not here, installing it (apt): $*"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

postgres_bin() {
    local found
    found=$(command -v pg_ctl || true)
    [ -n "$found" ] && { dirname "$(readlink -f "$found")"; return; }
    find /usr/lib/postgresql -name pg_ctl -printf '%h\n' 2>/dev/null | sort -V | tail -n 1
}

postgres_install() { [ -n "$(postgres_bin)" ] || install_missing postgresql; }

postgres_as_owner() {
    if [ "$(id -un)" = "$postgres_owner" ]; then "$@"; else runuser -u "$postgres_owner" -- "$@"; fi
}

postgres_start() {
    postgres_folder=$1
    shift
    postgres_programs=$(postgres_bin)
    [ -n "$postgres_programs" ] || { echo "PostgreSQL could not be found or installed" >&2; return 1; }
    # PostgreSQL refuses to run as root: the throw-away cluster belongs to its own system user then.
    postgres_owner=$(id -un)
    if [ "$(id -u)" = 0 ]; then
        postgres_owner=postgres
        id postgres >/dev/null 2>&1 || useradd --system --no-create-home postgres
        chown postgres "$postgres_folder"
    fi
    local careless="-c fsync=off -c full_page_writes=off"
    [ -z "${postgres_durable:-}" ] || careless=
    (
        # A folder that everybody may enter: initdb looks at where it is.
        cd /tmp
        postgres_as_owner "$postgres_programs/initdb" -D "$postgres_folder/data" \
            --auth=trust --username=test --encoding=UTF8 --locale=C >/dev/null
        # Only a socket, no port. Nothing here outlives the run, so nothing needs to reach the disk, unless that is measured.
        postgres_as_owner "$postgres_programs/pg_ctl" -D "$postgres_folder/data" -w -l "$postgres_folder/log" \
            -o "-k $postgres_folder -c listen_addresses='' $careless $*" start >/dev/null
    )
    chmod 755 "$postgres_folder"
    postgres_url="postgres://test@localhost/postgres?host=$postgres_folder"
}

postgres_stop() {
    [ -n "${postgres_programs:-}" ] || return 0
    postgres_as_owner "$postgres_programs/pg_ctl" -D "$postgres_folder/data" -m immediate stop >/dev/null 2>&1 || true
}
