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
