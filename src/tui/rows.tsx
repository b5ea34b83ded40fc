import { Box, Text } from 'ink';
import { memo } from 'react';

interface RowProps {
  text: string;
}

/** One row of ready text. It is not laid out again while the text is the same. */
export const Row = memo(function Row({ text }: RowProps) {
  // A space: ink gives an empty text no row.
  return <Text wrap="truncate">{text === '' ? ' ' : text}</Text>;
});

interface RowsProps {
  rows: readonly string[];
  /** How many rows there are on the screen, whatever is given. */
  height: number;
}

/** A block of a fixed height: what is too much is left out, what is missing is empty. */
export function Rows({ rows, height }: RowsProps) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0}>
      {Array.from({ length: height }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen
        <Row key={at} text={rows[at] ?? ''} />
      ))}
    </Box>
  );
}
