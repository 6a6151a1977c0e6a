import { afterEach, describe, expect, it, vi } from "vitest";
import { readBlob } from "../../../src/protocol/blobs.js";

/** As React Native has it: a native reader, and no way from a Blob to its bytes. */
class NativeReader {
  onload: (() => void) | undefined;
  onerror: (() => void) | undefined;
  result: string | undefined;
  error: Error | undefined;

  readAsDataURL({ url }: { url?: string }): void {
    queueMicrotask(() => {
      this.result = url;
      this.error = new Error("it is gone");
      if (url === undefined) this.onerror?.();
      else this.onload?.();
    });
  }
}

describe("readBlob", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("asks the Blob itself, where it can", async () => {
    expect(new Uint8Array(await readBlob(new Blob(["ab"])))).toEqual(new Uint8Array([97, 98]));
  });

  describe("of React Native", () => {
    const read = (url?: string): Promise<ArrayBuffer> => {
      vi.stubGlobal("FileReader", NativeReader);
      // Android's fetch knows no data: address
      vi.stubGlobal("fetch", undefined);
      return readBlob({ url } as unknown as Blob);
    };

    it.each([
      ["data:application/octet-stream;base64,AAEC", [0, 1, 2]],
      ["data:application/octet-stream;base64,", []],
    ])("reads %s", async (url, bytes) => {
      expect([...new Uint8Array(await read(url))]).toEqual(bytes);
    });

    it("fails with the error of the reader", async () => {
      await expect(read()).rejects.toThrow("it is gone");
    });
  });
});
