/** A job that goes on whether somebody looks or not: its followers are a room. */
const STEPS = ["reading", "sorting", "compressing", "writing"];
const PACE = 120;
/** More are not begun. */
const MOST = 100;

export function create() {
  const jobs = new Map();
  /** Of the server that runs now: a job goes on through a restart. */
  let followers;

  function open({ io }) {
    followers = io.of("/job");
    // #region
    followers.on("connection", (socket) => {
      socket.on("follow", (id) => {
        if (!Number.isInteger(id)) return;
        if (jobs.size >= MOST && !jobs.has(id)) {
          socket.emit("message", "too many jobs: try again later");
          return socket.disconnect();
        }
        socket.join(`job:${id}`);
        const percent = jobs.get(id);
        if (percent === undefined) work(id);
        else socket.emit("progress", percent);
        if (percent === 100) socket.disconnect();
      });
    });

    function work(id) {
      const tell = (event, value) => followers.to(`job:${id}`).emit(event, value);
      let percent = 0;
      jobs.set(id, percent);
      const timer = setInterval(() => {
        if (percent % 25 === 0 && percent < 100) tell("message", `${STEPS[percent / 25]}..`);
        jobs.set(id, ++percent);
        tell("progress", percent);
        if (percent < 100) return;
        clearInterval(timer);
        tell("message", "done");
        // Each of them sees "io server disconnect", and does not come back.
        followers.in(`job:${id}`).disconnectSockets();
        setTimeout(() => jobs.delete(id), 60_000).unref();
      }, PACE);
      timer.unref();
    }
    // #endregion
  }
  return { open };
}
