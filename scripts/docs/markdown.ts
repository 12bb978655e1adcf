/** What stands at the top of every generated page. */
export function page(title: string, introduction: string, ...parts: readonly string[]): string {
  return [
    `# ${title}`,
    `<!-- Made from the code by npm run docs; change it there. -->`,
    introduction,
    ...parts,
  ].join('\n\n')
}

export function indexPage(pages: readonly (readonly [file: string, holds: string])[]): string {
  return page(
    'Reference',
    'Made from the code by `npm run docs`; a test fails when it is not up to date. The same for other tools: ' +
      '[Avro and JSON Schemas](../../schemas/README.md), [OpenAPI](../../schemas/openapi.json), ' +
      '[AsyncAPI](../../schemas/asyncapi.json).',
    table(
      ['page', 'holds'],
      pages.map(([file, holds]) => [`[${file.replace('.md', '')}](${file})`, holds]),
    ),
  )
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Inside a table a bar would end the cell, and an angle bracket begin a tag. */
function cell(value: string | number): string {
  return String(value).replaceAll('\n', ' ').replaceAll('|', '\\|')
}

export function code(text: string): string {
  return `\`${text}\``
}

/** Words of a description as Markdown takes them: what looks like a tag stands as code. */
export function prose(text: string): string {
  return text.replaceAll(/<[\w.-]+>/g, (match) => `\`${match}\``)
}

export function block(text: string, language = 'text'): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}
