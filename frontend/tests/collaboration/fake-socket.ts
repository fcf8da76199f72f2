/** A socket without a network: the test is the server. */
export class FakeSocket {
  static made: FakeSocket[] = [];
  binaryType = "blob";
  readyState = 0;
  bufferedAmount = 0;
  sent: Uint8Array[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }

  static get last(): FakeSocket {
    return FakeSocket.made[FakeSocket.made.length - 1]!;
  }

  static reset(): void {
    FakeSocket.made = [];
  }

  send(frame: Uint8Array): void {
    this.sent.push(frame.slice());
  }

  close(): void {
    this.readyState = 3;
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  deliver(frame: Uint8Array): void {
    const copy = new Uint8Array(frame);
    this.onmessage?.({ data: copy.buffer });
  }

  closeWith(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}
