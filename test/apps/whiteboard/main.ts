import { io } from "socket.io-client";

/** From 0 to 1, so that boards may differ in size. */
interface Line {
  from: [x: number, y: number];
  to: [x: number, y: number];
  colour: string;
}

const socket = io();
const board = document.querySelector<HTMLCanvasElement>("#board")!;
const colour = document.querySelector<HTMLInputElement>("#colour")!;
const pen = board.getContext("2d")!;
const cursors = new Map<string, HTMLElement>();
let last: [number, number] | undefined;

function draw({ from, to, colour }: Line): void {
  pen.strokeStyle = colour;
  pen.lineWidth = 6;
  pen.beginPath();
  pen.moveTo(from[0] * board.width, from[1] * board.height);
  pen.lineTo(to[0] * board.width, to[1] * board.height);
  pen.stroke();
}

/** Calls `act` at most once in so many milliseconds. */
function throttle<A extends unknown[]>(act: (...args: A) => void, delay: number) {
  let before = -Infinity;
  return (...args: A): void => {
    const now = performance.now();
    if (now - before < delay) return;
    before = now;
    act(...args);
  };
}

const placeOf = (event: PointerEvent): [number, number] => [
  event.offsetX / board.clientWidth,
  event.offsetY / board.clientHeight,
];

function drawTo(place: [number, number]): void {
  if (!last) return;
  const line: Line = { from: last, to: place, colour: colour.value };
  last = place;
  draw(line);
  socket.emit("line", line);
}

const drawOn = throttle(drawTo, 10);
const showCursor = throttle((x: number, y: number) => socket.volatile.emit("cursor", x, y), 30);

board.addEventListener("pointerdown", (event) => (last = placeOf(event)));
board.addEventListener("pointermove", (event) => {
  drawOn(placeOf(event));
  showCursor(...placeOf(event));
});
board.addEventListener("pointerup", (event) => {
  drawTo(placeOf(event));
  last = undefined;
});

socket.on("line", draw);
socket.on("lines", (lines: Line[]) => lines.forEach(draw));
socket.on("cursor", (who: string, x: number, y: number) => {
  let cursor = cursors.get(who);
  if (!cursor) {
    cursor = document.body.appendChild(document.createElement("i"));
    cursor.className = "cursor";
    cursors.set(who, cursor);
  }
  cursor.style.left = `${x * board.clientWidth}px`;
  cursor.style.top = `${y * board.clientHeight}px`;
});
socket.on("gone", (who: string) => {
  cursors.get(who)?.remove();
  cursors.delete(who);
});
