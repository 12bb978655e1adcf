/** Whether the code of an error of a connection speaks of certificates or of encryption that one side does not speak. */
export function isOfTls(code: unknown): boolean {
  return typeof code === 'string' && /^ERR_(?:SSL|TLS)|CERT|UNABLE_TO_|^EPROTO$/.test(code)
}
