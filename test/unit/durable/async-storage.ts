/** React Native's AsyncStorage, as far as the example in docs/durable.md uses it, played in memory. */
export class AsyncStorageDouble {
  readonly items = new Map<string, string>();

  async getItem(key: string): Promise<string | null> {
    return this.items.get(key) ?? null;
  }

  async setItem(key: string, value: string): Promise<void> {
    this.items.set(key, value);
  }

  async multiGet(keys: readonly string[]): Promise<[string, string | null][]> {
    return keys.map((key) => [key, this.items.get(key) ?? null]);
  }

  async multiSet(pairs: readonly (readonly [string, string])[]): Promise<void> {
    for (const [key, value] of pairs) this.items.set(key, value);
  }

  async multiRemove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.items.delete(key);
  }

  async getAllKeys(): Promise<string[]> {
    return [...this.items.keys()];
  }
}
