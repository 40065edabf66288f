// placeholder until the next step of this same session
import type { BenchParts } from './intake.ts';
export async function benchSettle({ print }: BenchParts): Promise<void> {
  print({});
}
