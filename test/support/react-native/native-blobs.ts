import { randomUUID } from "node:crypto";
import type { NativeModule } from "./device.js";

export interface BlobData {
  blobId: string;
  offset: number;
  size: number;
}

type Part = { type: "string"; data: string } | { type: "blob"; data: BlobData };

interface NativeBlobs {
  /** Keeps bytes; what JavaScript makes a Blob of. */
  keep(bytes: Buffer): BlobData;
  modules: { BlobModule: NativeModule; FileReaderModule: NativeModule };
}

/** The native half of React Native's Blob and FileReader: JavaScript never sees the bytes of a Blob, only its id. */
export function nativeBlobs(): NativeBlobs {
  const store = new Map<string, Buffer>();
  const read = ({ blobId, offset, size }: BlobData): Buffer => {
    const bytes = store.get(blobId);
    if (!bytes) throw new Error("The specified blob is invalid");
    return bytes.subarray(offset, offset + size);
  };
  const BlobModule: NativeModule = {
    methods: {
      createFromParts(parts: Part[], id: string) {
        const pieces = parts.map(({ type, data }) =>
          type === "string" ? Buffer.from(data) : read(data),
        );
        store.set(id, Buffer.concat(pieces));
      },
      release: (id: string) => store.delete(id),
    },
  };
  const FileReaderModule: NativeModule = {
    methods: {
      readAsDataURL: (blob: BlobData) =>
        `data:application/octet-stream;base64,${read(blob).toString("base64")}`,
      readAsText: (blob: BlobData) => read(blob).toString(),
    },
  };
  return {
    keep(bytes) {
      const blobId = randomUUID();
      store.set(blobId, bytes);
      return { blobId, offset: 0, size: bytes.length };
    },
    modules: { BlobModule, FileReaderModule },
  };
}
