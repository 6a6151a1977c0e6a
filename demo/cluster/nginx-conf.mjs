/**
 * The configuration of nginx: one port whose clients come back to their node, and one where each request may go to
 * another one.
 *
 * @param {{ folder: string, nodes: number[], stickyPort: number, roundRobinPort: number }} options
 */
export function nginxConf({ folder, nodes, stickyPort, roundRobinPort }) {
  const servers = nodes
    .map((port) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=2s;`)
    .join("\n    ");
  return `daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
worker_processes 1;
events {}

http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;

  # A client gives itself a name in its query: behind one address there may be many of them. Without a name it is its browser:
  # with an empty key, nginx would choose another node for each request.
  map $arg_client $client_key {
    default $arg_client;
    "" "$remote_addr $http_user_agent";
  }
  upstream sticky {
    hash $client_key consistent;
    ${servers}
  }
  upstream round_robin {
    ${servers}
  }

  # A request without an upgrade keeps its connection to the node open.
  map $http_upgrade $connection_upgrade {
    default upgrade;
    "" "";
  }

  proxy_http_version 1.1;
  proxy_set_header Host $host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_connect_timeout 2s;
  # Longer than the server's pingInterval, or an idle connection would be cut.
  proxy_read_timeout 60s;
  proxy_buffering off;

  server {
    listen 127.0.0.1:${stickyPort};
    location / { proxy_pass http://sticky; }
  }
  server {
    listen 127.0.0.1:${roundRobinPort};
    location / { proxy_pass http://round_robin; }
  }
}
`;
}
