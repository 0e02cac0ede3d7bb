/** What identifies a caller, of a request of any framework. */
export interface RequestHeaders {
  /**
   * A header by its name, in any case. One that was sent several times is joined by `', '`, as `fetch` does it; undefined
   * where it was not sent.
   */
  header(name: string): string | undefined;
}

export function ofFetch(request: { readonly headers: Headers }): RequestHeaders {
  return { header: (name) => request.headers.get(name) ?? undefined };
}

/**
 * Of all headers as they came: `headers` of Node keeps the first `Authorization` alone, and whatever stands in front may have
 * looked at the last one.
 */
export function ofNode(request: { readonly rawHeaders: readonly string[] }): RequestHeaders {
  return {
    header: (name) => {
      const wanted = name.toLowerCase();
      const values = request.rawHeaders.filter(
        (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === wanted,
      );
      return values.length === 0 ? undefined : values.join(', ');
    },
  };
}
