# shellcheck shell=sh
# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What the managed node's shell runs for pipelined.py, which replaces names in capitals by values and puts all on one line:
# so each command says where it ends, and comments have lines of their own. Login shells of all kinds read that line first,
# so there are neither single quotes nor exclamation marks in it.

# A shell that exports or traces all that it does would show the arguments.
set +ax;
# Nobody else reads what is made here.
umask 77;

# The first line of standard input is the arguments. They go into a variable that the environment does not have.
unset a; IFS= read -r a;

# The folder is there only while this runs. Without quotes the shell puts a home in the place of ~.
# shellcheck disable=SC2086,SC2116
d=$(echo $REMOTE_TMP)/$FOLDER;
trap "rm -f -r \"\$d\"" EXIT;
trap "exit 129" HUP;
trap "exit 130" INT;
trap "exit 141" PIPE;
trap "exit 143" TERM;

# If any of this fails, the binary is not started.
{
    # A program of that name would show its arguments to the processes around it.
    [ "$(command -v printf)" = printf ] &&
    # It must be a new one, so that nobody else has put anything there.
    mkdir -p "${d%/*}" && mkdir "$d" &&
    # The rest of standard input is the binary.
    cat > "$d/$NAME" && [ "$(wc -c < "$d/$NAME")" -eq "$SIZE" ] &&
    chmod 700 "$d/$NAME" && "$d/$NAME" --version > /dev/null;
} || {
    # What was left of standard input would look like a broken connection.
    cat > /dev/null;
    exit "$NOT_STARTED";
};

# It is made of assignments, each with the quotes that it needs.
# shellcheck disable=SC2086
printf "%s\n" "$a" | $ENVIRONMENT "$d/$NAME" -
