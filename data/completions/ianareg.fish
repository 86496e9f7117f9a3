# SPDX-License-Identifier: MIT
# Completion for fish: verbs, options, service names. All of it comes from the tool's own help and snapshot, so it cannot
# be out of date.

# The verbs of `ianareg --help`, each with its summary.
function __ianareg_verbs
    ianareg --help 2>/dev/null | string replace -rf '^  ([a-z]+) +(\S.*)' '$1\t$2' | string match -v 'ianareg*'
end

# The long options of `ianareg VERB --help`.
function __ianareg_options
    set -l words (commandline -opc)
    set -l verb (string replace -r '^-.*' lookup -- $words[2])
    ianareg $verb --help 2>/dev/null | string replace -rf '^  (-.*)' '$1' | string replace -r '  .*' '' |
        string match -ra -- '--[a-z-]+'
end

# Service names that begin with a prefix, from the snapshot that the command line names, if it does.
function __ianareg_list
    set -l words (commandline -opc)
    set -l snapshot
    if set -l at (contains -i -- --snapshot $words)
        set snapshot --snapshot $words[(math $at + 1)]
    else if set -l joined (string replace -rf '^--snapshot=' '' -- $words)
        set snapshot --snapshot $joined[-1]
    end
    ianareg names $snapshot -- $argv[1] 2>/dev/null
end

# Those that begin with what is there and, behind a slash, protocols, if a port, a range or a whole name is before it: a
# name may have a slash of its own.
function __ianareg_keys
    set -l word (commandline -ct)
    test -n "$word"; or return
    __ianareg_list $word
    string match -q '*/*' -- $word; or return
    set -l before (string replace -r '/[^/]*$' '' -- $word)
    if string match -qr '^[0-9]+(-[0-9]+)?$' -- $before; or contains -- (string lower -- $before) (__ianareg_list $before | string lower)
        printf '%s\n' $before/{tcp,udp,sctp,dccp}
    end
end

function __ianareg_is_first
    test (count (commandline -opc)) -eq 1
end

# Whether a first word is a key: no verb begins so.
function __ianareg_is_first_key
    __ianareg_is_first; or return
    set -l word (commandline -ct)
    not __ianareg_verbs | string sub -l (string length -- "$word") 2>/dev/null | string match -q -- "$word"
end

# Whether the verb is one of these; options without a verb are those of lookup.
function __ianareg_verb
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- (string replace -r '^-.*' lookup -- $words[2]) $argv
end

# Whether the word before takes a value that is not a key.
function __ianareg_value
    contains -- (commandline -opc)[-1] --snapshot --overlay --config --svg --output -o --format --protocol --protocols \
        --user --limit --count --seed --max-port --guard --minimum --max-time --retry --url
end

function __ianareg_after
    contains -- (commandline -opc)[-1] $argv
end

complete -c ianareg -f
complete -c ianareg -n __ianareg_is_first -a '(__ianareg_verbs)'
complete -c ianareg -n __ianareg_is_first -l version
complete -c ianareg -n __ianareg_is_first_key -a '(__ianareg_keys)'
complete -c ianareg -l help -s h
complete -c ianareg -n 'not __ianareg_is_first; and not __ianareg_value; and string match -q -- "-*" (commandline -ct)' \
    -a '(__ianareg_options)'
complete -c ianareg -n '__ianareg_verb lookup names; and not __ianareg_value' -a '(__ianareg_keys)'
complete -c ianareg -n '__ianareg_verb compile diff info verify rollback; and not __ianareg_value' -F
complete -c ianareg -n '__ianareg_after --snapshot --overlay --config --svg --output -o' -F
complete -c ianareg -n '__ianareg_after --format' -a 'services csv json'
complete -c ianareg -n '__ianareg_after --protocol --protocols' -a 'tcp udp sctp dccp'
complete -c ianareg -n '__ianareg_after --user' -a '(__fish_complete_users)'
