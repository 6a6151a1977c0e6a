export interface Task {
  id: string;
  title: string;
  isDone: boolean;
}

/** What went wrong, for the person who sees the form. */
export interface Problem {
  error: string;
  fields?: { name: string; message: string }[];
}

export type Answer<T> = Problem | { data: T };
type Done<T> = (answer: Answer<T>) => void;

export interface ClientToServer {
  "task:list": (done: Done<Task[]>) => void;
  "task:create": (task: Omit<Task, "id">, done: Done<Task>) => void;
  "task:update": (task: Task, done: Done<null>) => void;
  "task:remove": (id: string, done: Done<null>) => void;
}

export interface ServerToClient {
  "task:created": (task: Task) => void;
  "task:updated": (task: Task) => void;
  "task:removed": (id: string) => void;
}
