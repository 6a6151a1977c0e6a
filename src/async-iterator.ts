/**
 * The key of `for await`. Hermes has no such symbol; what compiles `for await` for it looks for the string then.
 */
export const ASYNC_ITERATOR: typeof Symbol.asyncIterator = (Symbol.asyncIterator ??
  "@@asyncIterator") as typeof Symbol.asyncIterator;
