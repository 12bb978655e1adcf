/** The metrics of an instance: what each adds up to over its labels, and each with its labels but the raw partition. */
export async function metricsOf(url: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${url}/metrics`)
  const values = new Map<string, number>()
  for (const line of (await response.text()).split('\n')) {
    const [, name, labels = '', value] = /^(\w+)(\{.*\})? (\S+)$/.exec(line) ?? []
    if (name === undefined) continue
    values.set(name, (values.get(name) ?? 0) + Number(value))
    const others = labels.replace(/source="[^"]*",?/, '')
    if (labels === '' || others === '{}') continue
    values.set(`${name}${others}`, (values.get(`${name}${others}`) ?? 0) + Number(value))
  }
  return values
}

/** The books of an instance that has everything to itself, as its metrics tell them. */
export async function booksOf(url: string) {
  const metrics = await metricsOf(url)
  const of = (name: string): number => metrics.get(`assay_${name}_total`) ?? 0
  return {
    read: of('records_read'),
    counted: of('events_counted'),
    duplicates: of('duplicates'),
    tooLate: of('too_late'),
    deadLetters: of('dead_letters'),
  }
}

/** What books come to when nothing waits any more: zero, or records were lost. */
export function missingIn({
  read,
  counted,
  duplicates,
  tooLate,
  deadLetters,
}: Awaited<ReturnType<typeof booksOf>>): number {
  return read - counted - duplicates - tooLate - deadLetters
}
