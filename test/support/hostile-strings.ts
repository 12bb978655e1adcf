/**
 * What somebody may call himself, or write, to act on where it is shown. Every outlet of foreign text is tried with each:
 * terminals, lines of logs and JSON, pages, headers, keys of Redis, labels of metrics, event streams.
 */
export const hostileStrings: Readonly<Record<string, string>> = {
  'a new line of the log': 'ada\nassay: every verdict was overturned',
  'a carriage return': 'ada\rassay: nothing is wrong',
  'CRLF and a header': 'ada\r\nset-cookie: admin=1\r\n\r\n<html>',
  'a cleared screen': 'ada\u001b[2J\u001b[1;1Hroot# ',
  'a title of the terminal': 'ada\u001b]0;owned\u0007',
  'a link of the terminal': 'ada\u001b]8;;https://example.org\u001b\\here\u001b]8;;\u001b\\',
  'C1 controls': 'ada\u009b31m\u0085next',
  backspaces: 'wrong\b\b\b\b\bright',
  'a NUL': 'ada\u0000.ndjson',
  'text turned round': 'ada\u202egnp.exe\u2066\u2069',
  'letters that hide': 'a\u200bd\u200da\ufeff\u00ad\u3164\u2060',
  'line and paragraph separators': 'ada\u2028next\u2029last',
  'tags that nobody sees': 'ada\u{e0061}\u{e0064}',
  HTML: '<img src=x onerror=alert(1)></script><script>alert(1)</script>',
  'an attribute': '" onmouseover="alert(1)" x=\'',
  'quotes and backslashes': 'a"b\'c\\"d\\n`${1}`',
  'the braces of a cluster slot': 'ada}:{0}:at{',
  'separators of keys': 'ada:kv|||x:1 y\t*?[a-z]',
  'a label of a metric': 'ada"} 1\nassay_ready{x="',
  'fields of an event stream': 'ada\n\nevent: gap\ndata: {"from":0,"to":9}\n\n',
  'a formula': '=HYPERLINK("https://example.org","x")',
  'another formula': '@SUM(1+1)*cmd|calc!A0',
  'signs of a formula': '+1-1',
  'a path': '../../etc/passwd%00?x#y',
  'a prototype': '__proto__',
  'a format': '%s%n%d%o ${jndi:ldap://x} {{7*7}}',
}
