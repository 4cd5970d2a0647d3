#!/bin/sh
# Owns the start of one PostgreSQL. What starts PostgreSQL (systemd, a container) calls this instead:
#
#     start-postgres PROGRAM [ARGUMENT]...         PROGRAM: postgres, with all of its arguments
#
# It refuses while the cluster is fenced, and whenever it cannot know. Needs no worker, no JVM and no network.
# Exit codes of its own, none of them PostgreSQL's:
#     90  fenced
#     91  the fence's state is missing, damaged or cannot be read
#     92  a lease is required, and no keeper proves that it is held
#     93  called wrongly
#     94  PostgreSQL was stopped here: the proof of the lease grew old

folder=@FOLDER@
state=$folder/fence.state
proof=$folder/lease.proof
marker=$folder/starter.$$
child=
pending=
last_kill_at=

refuse() {
    code=$1
    shift
    echo "start-postgres: PostgreSQL is not started: $*" >&2
    exit "$code"
}

value() {
    sed -n "s/^$1 //p" "$state"
}

# Whole, and as it was written: a torn or edited state is none.
check_state() {
    [ -f "$state" ] && [ -r "$state" ] ||
        refuse 91 "$state is missing or cannot be read. Is its disk mounted, and was the fence installed?"
    found=$(sed '$d' "$state" | cksum) || refuse 91 "$state cannot be read"
    if [ "end ${found%% *}" != "$(tail -n 1 "$state")" ] || [ "$(head -n 1 "$state")" != "muster-fence 1" ]; then
        refuse 91 "$state is damaged. Find out whether this cluster is fenced before it is mended."
    fi
    case $(value fenced) in
        no) ;;
        yes) refuse 90 "it is fenced since $(value since) by $(value by), run $(value run), epoch $(value epoch):" \
            "$(value reason). Only lifting the fence lets it start." ;;
        *) refuse 91 "$state does not say whether the cluster is fenced" ;;
    esac
}

boottime() {
    read -r uptime rest </proc/uptime || return 1
    now=${uptime%.*}${uptime#*.}
}

numbers() {
    for number in "$@"; do
        case $number in
            '' | *[!0-9]*) return 1 ;;
        esac
    done
}

# Reads the keeper's proof; fails unless it is of this boot and whole.
read_proof() {
    boot= written= stop_at= kill_at= until= ended=
    [ -r "$proof" ] || return 1
    {
        while read -r key word; do
            case $key in
                boot) boot=$word ;;
                written) written=$word ;;
                stop-at) stop_at=$word ;;
                kill-at) kill_at=$word ;;
                until) until=$word ;;
                end) ended=yes ;;
            esac
        done
    } 2>/dev/null <"$proof" || return 1
    read -r this_boot </proc/sys/kernel/random/boot_id || return 1
    boottime || return 1
    [ -n "$ended" ] && [ "$boot" = "$this_boot" ] && numbers "$now" "$written" "$stop_at" "$kill_at" "$until" &&
        [ "$written" -le "$now" ]
}

lease_is_proved() {
    read_proof && last_kill_at=$kill_at && [ "$now" -lt "$stop_at" ]
}

# A server in recovery takes no writes, and needs no lease until it is promoted: then PostgreSQL removes these files.
in_recovery() {
    [ -e "$data/standby.signal" ] || [ -e "$data/recovery.signal" ]
}

# Who this process is, for its number may be another's later: the boot, and when it began.
identity() {
    read -r this_boot </proc/sys/kernel/random/boot_id && read -r stat <"/proc/$$/stat" || return 1
    # shellcheck disable=SC2086 # its fields
    set -- ${stat##*) }
    shift 19
    echo "$this_boot $1"
}

alive() {
    kill -0 "$child" 2>/dev/null || return 1
    read -r stat 2>/dev/null <"/proc/$child/stat" || return 1
    case $stat in
        *') Z '*) return 1 ;;
    esac
}

# Each backend is a process group of its own, and one whose postmaster is gone can still commit: so the postmaster is
# held first, that it makes no new ones, then its children go, then itself.
kill_all() {
    kill -STOP "$child" 2>/dev/null
    for stat in /proc/[0-9]*/stat; do
        if read -r pid name status parent rest 2>/dev/null <"$stat" && [ "$parent" = "$child" ]; then
            kill -KILL "$pid" 2>/dev/null
        fi
    done
    kill -KILL "$child" 2>/dev/null
}

pause() {
    sleep "$1" &
    nap=$!
    wait "$nap"
}

stop_for_lease() {
    echo "start-postgres: PostgreSQL is stopped: the proof of its lease is too old or was withdrawn" >&2
    kill -QUIT "$child" 2>/dev/null
    while alive; do
        if ! boottime || [ "$now" -ge "${last_kill_at:-0}" ]; then
            kill_all
        fi
        pause 0.05
    done
    wait "$child"
    rm -f "$marker"
    exit 94
}

forward() {
    if [ -n "$child" ]; then
        kill -s "$1" "$child" 2>/dev/null
    else
        pending=$1
    fi
}

guard() {
    for signal in TERM INT QUIT HUP USR1; do
        # shellcheck disable=SC2064 # the signal of now
        trap "forward $signal" "$signal"
    done
    "$@" &
    child=$!
    [ -z "$pending" ] || forward "$pending"
    while alive; do
        if ! in_recovery && ! lease_is_proved; then
            stop_for_lease
        fi
        pause 0.1
    done
    wait "$child"
    code=$?
    rm -f "$marker"
    exit "$code"
}

[ $# -ge 1 ] || refuse 93 "no program is named"
# Before the state is read: a fence that is set meanwhile finds this file and waits for what becomes of this start.
for old in "$folder"/starter.*; do
    [ -d "/proc/${old##*.}" ] || rm -f "$old"
done
(identity >"$marker") 2>/dev/null || refuse 91 "$folder cannot be written. Is its disk mounted, and may this user write there?"
trap 'rm -f "$marker"' EXIT
check_state
read -r this_boot </proc/sys/kernel/random/boot_id || refuse 91 "/proc is not mounted"
# A fence that looks from another process namespace would see nothing running, whatever runs.
(echo "$this_boot $(readlink /proc/self/ns/pid)" >"$folder/started.$$" && mv "$folder/started.$$" "$folder/started") ||
    refuse 91 "$folder cannot be written"
case $(value lease) in
    none) exec "$@" ;;
    required) ;;
    *) refuse 91 "$state does not say whether a lease is required" ;;
esac
data=$(value data)
[ -d "$data" ] || refuse 91 "the data directory $data is not there. Is its disk mounted?"
if ! in_recovery && ! lease_is_proved; then
    refuse 92 "a lease is required, and no keeper on this host proves that it is held." \
        "Does the host worker run, and does etcd have a majority?"
fi
guard "$@"
