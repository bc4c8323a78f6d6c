# Plimsoll in a container: the sources and their packages on a slim Node 24, as a user without rights. Data lies in
# /data; a configuration file, if any, is mounted as /app/plimsoll.yml.

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has a Node of its own, so the one out of the packages (120 MB) stays behind.
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-* node_modules/.bin

FROM node:24-slim
ENV NODE_ENV=production \
    PATH=/app/bin:$PATH \
    PLIMSOLL_DATA=/data \
    PLIMSOLL_LISTEN=0.0.0.0:1876
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
# .dockerignore lists what is let in.
COPY . .
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 1876
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --start-interval=1s CMD ["runtime", "-e", \
  "fetch('http://127.0.0.1:1876/-/healthy').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["plimsoll"]
CMD ["up"]
