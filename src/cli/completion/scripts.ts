export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What each shell has to read so that Tab asks `dds complete`. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# dds completion for bash
_dds() {
  local IFS=$'\\n' line cur="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  for line in $("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$cur" 2>/dev/null); do
    if [[ $line == :file ]]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "$cur"))
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done
}
complete -F _dds dds
`,
  zsh: `#compdef dds
# dds completion for zsh
_dds() {
  local line
  local -a items
  for line in "\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT-1]}" "\${words[CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ':file' ]]; then
      _files
    elif [[ $line == *$'\\t'* ]]; then
      items+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    elif [[ -n $line ]]; then
      items+=("\${line//:/\\\\:}")
    fi
  done
  _describe 'dds' items
}
compdef _dds dds
`,
  fish: `# dds completion for fish
function __dds_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (dds complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = :file
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c dds -f -a '(__dds_complete)'
`,
};
