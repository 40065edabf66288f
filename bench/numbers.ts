// The few statistics that bench lines are made of.

/** Nearest rank; NaN of an empty list. `share` is between 0 and 1. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export function median(values: number[]): number {
  return quantile(values, 0.5);
}

export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
