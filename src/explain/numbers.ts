/** Numbers and moments as a person reads them, the same in every language. */

/** 12,345 */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** A measured number: whole ones as they are, others with four digits. */
export function measured(value: number): string {
  if (Number.isInteger(value)) return count(value)
  return value > 0 && value < 0.001 ? scientific(value) : String(Number(value.toPrecision(4)))
}

/** 0.954 is 95 %, 0.0123 is 1.2 %. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`
}

/** 3.2e-9 */
export function scientific(value: number): string {
  return value === 0 || value >= 0.001 ? String(Number(value.toPrecision(3))) : value.toExponential(1)
}

/** 2026-01-05 14:05:00, UTC */
export function moment(timeMs: number): string {
  return Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15
    ? new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')
    : String(timeMs)
}

/** One in how many, to two digits; nothing where it is as good as never. */
export function oneIn(chance: number): number | undefined {
  // Beyond one in a billion no model of people is exact, so that more digits would promise too much.
  return chance < 1e-9 ? undefined : Number((1 / chance).toPrecision(2))
}
