import type { Program } from '../engines/engine.ts';

/**
 * A command of the user's own knows nothing of the supervisor, so a shell stands beside it: it leads a process group
 * of its own and reads a pipe that the supervisor holds. The kernel closes that pipe when the supervisor dies, however
 * it dies, and the shell ends the group: SIGTERM, and SIGKILL after 5 s.
 */
const script = `
exec 3<&0 </dev/null
trap : TERM INT HUP
"$@" 3<&- &
job=$!
(
  trap '' TERM INT HUP
  read -r _ <&3
  kill -TERM -$$
  tries=0
  while [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -KILL -$$
) >/dev/null 2>&1 &
guard=$!
exec 3<&-
while :; do
  wait $job
  code=$?
  kill -0 $job 2>/dev/null || break
done
kill -KILL $guard
exit $code
`;

export function guarded(command: readonly string[], env: Record<string, string>, cwd: string): Program {
  return { file: '/bin/sh', args: ['-c', script, 'sh', ...command], env, cwd };
}
