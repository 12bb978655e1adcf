/** What the process says of its end; scripts rely on them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  gateFailed: 3,
  unreachable: 69,
  badConfiguration: 78,
  interrupted: 130,
} as const

/** The same for a person to read. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  failed: 'failed',
  usage: 'wrong usage',
  gateFailed: 'done but a gate failed',
  unreachable: 'something needed is not reachable',
  badConfiguration: 'bad configuration',
  interrupted: 'interrupted',
}
