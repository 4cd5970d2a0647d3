#!/bin/sh
# PostgreSQL's restore_command for a copy under recovery:
#
#     restore-wal.sh SPOOL NAME TARGET [SILENCE [LONGEST]]
#
# Asks the process that fills SPOOL for the WAL file NAME and moves it to TARGET. Exit codes, as PostgreSQL reads them:
#   0     the file is at TARGET, whole
#   1     the filler has looked and there is no such file: recovery may end here
#   126   anything else. PostgreSQL then stops with an error. A code from 1 to 125 would mean "no more WAL" to it, and
#         recovery would end early and silently.
# A filler that shows no life for SILENCE seconds (60) counts as dead; until then a restarted one just goes on. No
# request waits longer than LONGEST seconds (3600).

# Whatever ends this script by accident (a full disk, a redirection that fails) must not look like "no such file".
answered=
trap 'status=$?; [ -n "$answered" ] || status=126; exit "$status"' EXIT

trouble() {
    echo "restore-wal: $name: $*" >&2
    exit 126
}

spool=$1
name=$2
target=$3
silence=${4:-60}
longest=${5:-3600}

case "$name" in
    '' | .* | *[!0-9A-Za-z._]*) trouble "not a WAL file's name" ;;
esac
[ -n "$target" ] || trouble "no target given"
[ -d "$spool/want" ] || trouble "no spool at $spool"

# Old answers to the same question do not count.
rm -f "$spool/absent/$name" "$spool/failed/$name" || trouble "cannot write below $spool"
echo wanted >"$spool/want/$name" || trouble "cannot write below $spool"

# Some systems' sleep takes whole seconds only.
if sleep 0.02 2>/dev/null; then
    pause=0.02
    per_second=50
else
    pause=1
    per_second=1
fi

waited=0
silent=0
beat=
last=
while :; do
    if [ -f "$spool/ready/$name" ]; then
        if mv -f "$spool/ready/$name" "$target"; then
            rm -f "$spool/want/$name"
            answered=yes
            exit 0
        fi
        # A filler that starts anew empties its spool and fetches again.
        [ ! -f "$spool/ready/$name" ] || trouble "cannot move it to $target"
    fi
    if [ -f "$spool/failed/$name" ]; then
        cat "$spool/failed/$name" >&2
        trouble "the filler could not bring it"
    fi
    if [ -f "$spool/absent/$name" ]; then
        rm -f "$spool/want/$name" "$spool/absent/$name"
        answered=yes
        exit 1
    fi
    { read -r beat <"$spool/alive"; } 2>/dev/null || beat=
    if [ "$beat" = "$last" ]; then
        silent=$((silent + 1))
    else
        silent=0
        last=$beat
    fi
    waited=$((waited + 1))
    # The answer to an earlier, killed request may have taken this one along.
    if [ $((waited % per_second)) -eq 0 ] && [ ! -f "$spool/want/$name" ]; then
        echo wanted >"$spool/want/$name" || trouble "cannot write below $spool"
    fi
    [ "$silent" -lt $((silence * per_second)) ] || trouble "the filler of $spool has shown no life for $silence s"
    [ "$waited" -lt $((longest * per_second)) ] || trouble "no answer within $longest s"
    sleep "$pause" || trouble "cannot wait"
done
