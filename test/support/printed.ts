/** What is written to a standard stream meanwhile. */
export function printed(stream: 'stdout' | 'stderr', meanwhile: () => void): string {
  let text = ''
  const spy = jest.spyOn(process[stream], 'write').mockImplementation((part) => {
    text += String(part)
    return true
  })
  try {
    meanwhile()
    return text
  } finally {
    spy.mockRestore()
  }
}
