#!/bin/sh
# PostgreSQL's archive_command:
#
#     archive-wal.sh SPOOL NAME FILE [LONGEST]
#
# Asks the process that serves SPOOL to store the WAL file FILE under NAME and waits for its answer, at most LONGEST
# seconds (60). Exit code 0 only when the file is safe in the store. Every other end is 1: PostgreSQL keeps the file and
# asks again, for as long as it takes. A code above 125 would make it restart its archiver.

safe=
trap '[ -n "$safe" ] || exit 1' EXIT

trouble() {
    echo "archive-wal: $name: $*" >&2
    exit 1
}

spool=$1
name=$2
file=$3
longest=${4:-60}

case "$name" in
    '' | .* | *[!0-9A-Za-z._]*) trouble "not a WAL file's name" ;;
esac
case "$file" in
    '') trouble "no file given" ;;
    /*) ;;
    *) file=$(pwd -P)/$file ;;
esac
[ -d "$spool/want" ] || trouble "no spool at $spool: does 'muster wal archive' run on this host?"

# An answer counts only for its own request: others may ask about a file of the same name at the same time.
request=$$-$(date +%s)-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
answer=$spool/answers/$request
printf '%s\n%s\n' "$name" "$file" >"$spool/coming/$request" &&
    mv -f "$spool/coming/$request" "$spool/want/$request" || trouble "cannot write below $spool: give it to this user with 'muster wal archive --owner $(id -un)'"

if sleep 0.02 2>/dev/null; then
    pause=0.02
    per_second=50
else
    pause=1
    per_second=1
fi

waited=0
while [ ! -f "$answer" ]; do
    waited=$((waited + 1))
    if [ "$waited" -ge $((longest * per_second)) ]; then
        rm -f "$spool/want/$request"
        trouble "no answer within $longest s: does 'muster wal archive' run on this host, and does its store answer?"
    fi
    sleep "$pause" || trouble "cannot wait"
done

{ read -r word && text=$(cat); } <"$answer" || trouble "cannot read the answer"
rm -f "$answer"
[ "$word" = stored ] || trouble "$text"
safe=yes
exit 0
