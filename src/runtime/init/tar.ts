const block = 512;

/** A tar archive (ustar) that depends on nothing but its contents: no times, no owners. Names up to 100 bytes. */
export function tar(files: Iterable<readonly [name: string, content: Uint8Array]>): Buffer {
  const parts: Uint8Array[] = [];
  for (const [name, content] of files) {
    parts.push(header(name, content.length), content, Buffer.alloc(-content.length & (block - 1)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header(name: string, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number) =>
    bytes.write(value.toString(8).padStart(length - 1, '0'), at);
  if (Buffer.byteLength(name) > 100) throw new Error(`too long a name for the archive: ${name}`);
  bytes.write(name, 0);
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  bytes.fill(' ', 148, 156);
  bytes.write('0', 156);
  bytes.write('ustar\u000000', 257);
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return bytes;
}
