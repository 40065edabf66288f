// The closing table: every figure with an aim, next to its limit measured in the same run.
export type Line = Record<string, unknown>;
/** How a bench names a figure for the table; a line without `aim` is detail and stays out. */
export type Figure = { figure: string; measured: string; limit: string; aim: string; met: boolean };

const headings = ['figure', 'measured', 'limit in the same run', 'aim', 'met'];

function toRow(line: Line): string[] {
  const named = line.connections === undefined ? `${line.what}` : `${line.what}, ${line.connections} connections`;
  const measured = line.measured ?? line.ratio ?? line.calls ?? '';
  return [line.figure ?? `${line.bench}: ${named}`, measured, line.limit ?? '', line.aim, line.met ? 'yes' : 'no'].map(
    String,
  );
}

/** As Markdown, columns aligned, so that it can be read in a terminal and pasted into docs/performance.md. */
export function printTable(lines: Line[]): string {
  const rows = [headings, ...lines.filter(({ aim }) => aim !== undefined).map(toRow)];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const printed = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [printed[0], rule, ...printed.slice(1)].join('\n');
}
