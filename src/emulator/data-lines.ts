// Reads a file line by line, however large it is: no text of more than half a gigabyte fits into one string.
import { closeSync, existsSync, openSync, readSync } from 'node:fs';

const chunkBytes = 4_194_304;
const newline = 0x0a;

export type TextLine = { text: string /** False for a last line that was cut off. */; isWhole: boolean };

/** Nothing for a file that is not there. */
export function* readLines(path: string): Generator<TextLine> {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(chunkBytes);
    let begun: Buffer[] = [];
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      let start = 0;
      for (let end = chunk.indexOf(newline); end >= 0 && end < read; end = chunk.indexOf(newline, start)) {
        begun.push(chunk.subarray(start, end));
        yield { text: Buffer.concat(begun).toString('utf8'), isWhole: true };
        begun = [];
        start = end + 1;
      }
      // The chunk is read into again.
      if (start < read) begun.push(Buffer.from(chunk.subarray(start, read)));
    }
    if (begun.length > 0) yield { text: Buffer.concat(begun).toString('utf8'), isWhole: false };
  } finally {
    closeSync(file);
  }
}
