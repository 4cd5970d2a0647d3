#!/bin/sh
# PostgreSQL's restore_command for a cluster that was restored with nothing but a store and a key:
#
#     restore-wal.sh FOLDER NAME TARGET
#
# Copies the WAL file NAME from FOLDER/files to TARGET. FOLDER/complete lists every file that was brought, and is written
# last. Exit codes, as PostgreSQL reads them:
#   0     the file is at TARGET, whole
#   1     it was never among the files: recovery may end here
#   126   anything else. PostgreSQL then stops with an error. A code from 1 to 125 would mean "no more WAL" to it, and
#         recovery would end early and silently.

# Whatever ends this script by accident (a full disk, a redirection that fails) must not look like "no such file".
answered=
trap 'status=$?; [ -n "$answered" ] || status=126; exit "$status"' EXIT

trouble() {
    echo "restore-wal: $name: $*" >&2
    exit 126
}

folder=$1
name=$2
target=$3

case "$name" in
    '' | .* | *[!0-9A-Za-z._]*) trouble "not a WAL file's name" ;;
esac
[ -n "$target" ] || trouble "no target given"
[ -r "$folder/complete" ] || trouble "$folder is not complete: run muster restore again"

grep -q -x -F -e "$name" "$folder/complete"
case $? in
    0) ;;
    1)
        answered=yes
        exit 1
        ;;
    *) trouble "$folder/complete cannot be read" ;;
esac
cp -- "$folder/files/$name" "$target" || trouble "cannot copy it to $target"
answered=yes
exit 0
