import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];
/** Paints text, or returns it as it is where the stream takes no colours. */
export type Paint = (style: Style, text: string) => string;

const plain: Paint = (_style, text) => text;
const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

type Env = Readonly<Record<string, string | undefined>>;

/** Whether this stream gets colours: the flag, then NO_COLOR, FORCE_COLOR, TERM=dumb, then whether it is a terminal. */
export function wantsColour(stream: { isTTY?: boolean }, env: Env, flag: boolean | undefined): boolean {
  if (flag === false) return false;
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (env.TERM === 'dumb') return false;
  return flag === true || stream.isTTY === true;
}

export function painter(stream: { isTTY?: boolean }, env: Env, flag: boolean | undefined): Paint {
  return wantsColour(stream, env, flag) ? coloured : plain;
}

/** Writes and resolves when the stream can take more; never rejects (a closed pipe ends the process elsewhere). */
export function write(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> | undefined {
  if (stream.destroyed || stream.write(text)) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      stream.off('error', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
    stream.on('error', done);
  });
}
