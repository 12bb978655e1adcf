export async function* evaluateReal(
  folder: string,
): AsyncGenerator<{
  set: string
  figure: string
  value: number | string
  reference: string
  goal: string
  reached: boolean | undefined
}> {
  await Promise.resolve(folder)
}
