"""A session token leaves the browser's storage: what each form of reading, asking and sending becomes, and where there is no fix."""

from __future__ import annotations

from textwrap import dedent

import pytest
from mending import mend

LOGIN = """\
import axios from "axios";

export async function login(email, password) {
  const { data } = await axios.post("/api/login", { email, password });
  localStorage.setItem("access_token", data.access_token);
}
"""
FLAGGED = """\
import axios from "axios";

export async function login(email, password) {
  await axios.post("/api/login", { email, password }, { withCredentials: true });
  localStorage.setItem("logged_in", "1");
}
"""
BARE = FLAGGED.replace('  localStorage.setItem("logged_in", "1");\n', "")


def mended(files: dict[str, str]) -> dict[str, str]:
    """All files after the fix of every token in the storage, which ends every finding of it."""
    after, outcome = mend({path: text.encode() for path, text in files.items()}, {"JWT301", "JWT302"})
    assert outcome.done
    assert {done.fix.safety for done in outcome.done} == {"unsafe"}
    assert [left.reason for left in (*outcome.left, *outcome.failed)] == []
    return {path: data.decode() for path, data in after.items()}


def reason(files: dict[str, str]) -> str:
    """Why there is no fix; nothing is changed."""
    after, outcome = mend({path: text.encode() for path, text in files.items()}, {"JWT301", "JWT302"})
    assert outcome.done == ()
    assert outcome.failed == ()
    assert {path: data.decode() for path, data in after.items()} == files
    (found,) = {left.reason for left in outcome.left}
    return found


SENT = {
    "a header beside others": (
        """
        export const notes = () =>
          fetch("/api/notes", {
            headers: { Accept: "application/json", Authorization: `Bearer ${localStorage.getItem("access_token")}` },
          });
        """,
        """
        export const notes = () =>
          fetch("/api/notes", {
            headers: { Accept: "application/json" },
            credentials: "include",
          });
        """,
    ),
    "the only header": (
        """
        export async function notes() {
          const token = localStorage.getItem("access_token");
          return fetch("/api/notes", { headers: { Authorization: "Bearer " + token } });
        }
        """,
        """
        export async function notes() {
          return fetch("/api/notes", { credentials: "include" });
        }
        """,
    ),
    "a method is kept": (
        """
        export const drop = (id) => {
          const token = window.localStorage.getItem("access_token");
          return fetch(`/api/notes/${id}`, { method: "DELETE", headers: { "Authorization": `Bearer ${token}` }, keepalive: true });
        };
        """,
        """
        export const drop = (id) => {
          return fetch(`/api/notes/${id}`, { method: "DELETE", credentials: "include", keepalive: true });
        };
        """,
    ),
    "headers that depend on the token": (
        """
        export function notes() {
          const token = localStorage["access_token"];
          return fetch("/api/notes", { headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), "X-Page": "1" } });
        }
        """,
        """
        export function notes() {
          return fetch("/api/notes", { headers: { "X-Page": "1" }, credentials: "include" });
        }
        """,
    ),
    "a variable of headers": (
        """
        export function notes() {
          const headers = { Authorization: `Bearer ${localStorage.access_token}` };
          return fetch("/api/notes", { headers });
        }
        """,
        """
        export function notes() {
          return fetch("/api/notes", { credentials: "include" });
        }
        """,
    ),
    "a function of headers": (
        """
        const held = () => localStorage.getItem("access_token");

        function signed() {
          return { Authorization: `Bearer ${held()}` };
        }

        export const one = () => fetch("/api/one", { headers: signed() });
        export const two = () => fetch("/api/two", { headers: { ...signed(), Accept: "text/plain" } });
        """,
        """
        export const one = () => fetch("/api/one", { credentials: "include" });
        export const two = () => fetch("/api/two", { headers: { Accept: "text/plain" }, credentials: "include" });
        """,
    ),
    "headers that are set afterwards": (
        """
        export function notes(page) {
          const headers = new Headers({ Accept: "text/plain" });
          const token = localStorage.getItem("access_token");
          if (token) {
            headers.set("Authorization", `Bearer ${token}`);
          }
          return fetch(`/api/notes?page=${page}`, { headers });
        }
        """,
        """
        export function notes(page) {
          const headers = new Headers({ Accept: "text/plain" });
          return fetch(`/api/notes?page=${page}`, { headers, credentials: "include" });
        }
        """,
    ),
    "an XMLHttpRequest": (
        """
        export function send(done) {
          const xhr = new XMLHttpRequest();
          xhr.open("GET", "/api/notes");
          xhr.setRequestHeader("Authorization", "Bearer " + localStorage.getItem("access_token"));
          xhr.onload = done;
          xhr.send();
        }
        """,
        """
        export function send(done) {
          const xhr = new XMLHttpRequest();
          xhr.open("GET", "/api/notes");
          xhr.withCredentials = true;
          xhr.onload = done;
          xhr.send();
        }
        """,
    ),
    "jQuery's requests": (
        """
        $.ajaxSetup({
          beforeSend: function (xhr) {
            xhr.setRequestHeader("Authorization", "Bearer " + localStorage.getItem("access_token"));
          },
        });
        """,
        """
        $.ajaxSetup({
          beforeSend: function (xhr) {
          },
          xhrFields: { withCredentials: true },
        });
        """,
    ),
    "one request of axios": (
        """
        import axios from "axios";
        export const notes = () =>
          axios.get("/api/notes", { params: { page: 1 }, headers: { Authorization: `Bearer ${localStorage.getItem("access_token")}` } });
        """,
        """
        import axios from "axios";
        export const notes = () =>
          axios.get("/api/notes", { params: { page: 1 }, withCredentials: true });
        """,
    ),
    "RTK Query": (
        """
        import { createApi, fetchBaseQuery } from "@reduxjs/toolkit/query/react";
        export const api = createApi({
          baseQuery: fetchBaseQuery({
            baseUrl: "/api",
            prepareHeaders: (headers) => {
              const token = localStorage.getItem("access_token");
              if (token) headers.set("authorization", `Bearer ${token}`);
              return headers;
            },
          }),
        });
        """,
        """
        import { createApi, fetchBaseQuery } from "@reduxjs/toolkit/query/react";
        export const api = createApi({
          baseQuery: fetchBaseQuery({
            baseUrl: "/api",
            prepareHeaders: (headers) => {
              return headers;
            },
            credentials: "include",
          }),
        });
        """,
    ),
    "a generated client": (
        """
        import { OpenAPI } from "./client";

        OpenAPI.BASE = "/api";
        OpenAPI.TOKEN = async () => {
          return localStorage.getItem("access_token") || "";
        };
        """,
        """
        import { OpenAPI } from "./client";

        OpenAPI.BASE = "/api";
        OpenAPI.WITH_CREDENTIALS = true;
        """,
    ),
}


@pytest.mark.parametrize("form", SENT)
def test_a_header_makes_room_for_the_cookie(form: str) -> None:
    before, after = (dedent(text).lstrip("\n") for text in SENT[form])
    files = mended({"web/login.js": LOGIN, "web/api.js": before})
    assert files == {"web/login.js": BARE, "web/api.js": after}


INTERCEPTORS = {
    "of an instance": (
        """
        import axios from "axios";
        const http = axios.create({ baseURL: "/api" });

        http.interceptors.request.use((config) => {
          const token = localStorage.getItem("access_token");
          if (token) {
            config.headers.Authorization = `Bearer ${token}`;
          }
          return config;
        });

        export default http;
        """,
        """
        import axios from "axios";
        const http = axios.create({ baseURL: "/api", withCredentials: true });

        export default http;
        """,
    ),
    "of an instance, with more to do": (
        """
        import axios from "axios";
        const http = axios.create();
        http.interceptors.request.use((config) => {
          const token = localStorage.getItem("access_token");
          if (token) config.headers["Authorization"] = `Bearer ${token}`;
          config.headers["X-Page"] = location.pathname;
          return config;
        });
        export default http;
        """,
        """
        import axios from "axios";
        const http = axios.create({ withCredentials: true });
        http.interceptors.request.use((config) => {
          config.headers["X-Page"] = location.pathname;
          return config;
        });
        export default http;
        """,
    ),
    "of axios itself": (
        """
        import axios from "axios";
        axios.interceptors.request.use(
          (config) => {
            config.headers = { ...config.headers, Authorization: "Bearer " + localStorage.getItem("access_token") };
            return config;
          },
          (error) => Promise.reject(error),
        );
        """,
        """
        import axios from "axios";
        axios.defaults.withCredentials = true;
        """,
    ),
    "by its name": (
        """
        import axios from "axios";
        const http = axios.create({ baseURL: "/api" });
        function sign(config) {
          config.headers.set("Authorization", `Bearer ${localStorage.getItem("access_token")}`);
          return config;
        }
        http.interceptors.request.use(sign);
        export default http;
        """,
        """
        import axios from "axios";
        const http = axios.create({ baseURL: "/api", withCredentials: true });
        function sign(config) {
          return config;
        }
        http.interceptors.request.use(sign);
        export default http;
        """,
    ),
    "the defaults": (
        """
        import axios from "axios";
        const token = localStorage.getItem("access_token");
        if (token) axios.defaults.headers.common["Authorization"] = `Bearer ${token}`;
        """,
        """
        import axios from "axios";
        axios.defaults.withCredentials = true;
        """,
    ),
}


@pytest.mark.parametrize("form", INTERCEPTORS)
def test_axios_sends_cookies_where_it_sent_the_header(form: str) -> None:
    before, after = (dedent(text).lstrip("\n") for text in INTERCEPTORS[form])
    files = mended({"web/login.js": LOGIN, "web/http.js": before})
    assert files["web/http.js"] == after
    assert "access_token" not in files["web/http.js"] + files["web/login.js"]


def test_an_interceptor_of_angular() -> None:
    files = mended(
        {
            "web/app/session.ts": dedent(
                """\
                import { HttpClient } from "@angular/common/http";

                export class Session {
                  constructor(private http: HttpClient) {}

                  login(email: string, password: string) {
                    return this.http.post<{ access_token: string }>("/login", { email, password }).subscribe((answer) => {
                      sessionStorage.setItem("accessToken", answer.access_token);
                    });
                  }

                  token(): string | null {
                    return sessionStorage.getItem("accessToken");
                  }
                }
                """
            ),
            "web/app/interceptor.ts": dedent(
                """\
                import { inject } from "@angular/core";
                import { HttpInterceptorFn } from "@angular/common/http";
                import { Session } from "./session";

                export const signing: HttpInterceptorFn = (request, next) => {
                  const token = inject(Session).token();
                  return next(request.clone({ setHeaders: { Authorization: `Bearer ${token}` } }));
                };
                """
            ),
        }
    )
    assert files["web/app/interceptor.ts"] == dedent(
        """\
        import { HttpInterceptorFn } from "@angular/common/http";

        export const signing: HttpInterceptorFn = (request, next) => {
          return next(request.clone({ withCredentials: true }));
        };
        """
    )
    assert "accessToken" not in files["web/app/session.ts"]


@pytest.mark.parametrize(
    ("library", "option"), [("axios", "withCredentials: true"), ("./core/ky", 'credentials: "include"')], ids=["axios", "fetch"]
)
def test_a_client_of_hey_api_by_what_it_is_built_upon(library: str, option: str) -> None:
    files = mended(
        {
            "web/login.js": LOGIN,
            "web/main.ts": 'import { client } from "./client/client.gen";\n\nclient.setConfig({\n  baseURL: "/api",\n'
            '  auth: () => localStorage.getItem("access_token") ?? "",\n});\n',
            "web/client/client.gen.ts": 'import { createClient } from "./client";\nexport const client = createClient({});\n',
            "web/client/client/index.ts": f'import {{ it }} from "{library}";\nexport const createClient = (config) => it(config);\n',
        }
    )
    assert files["web/main.ts"] == (
        f'import {{ client }} from "./client/client.gen";\n\nclient.setConfig({{\n  baseURL: "/api",\n  {option},\n}});\n'
    )


ASKED = {
    "not null": ("localStorage.getItem('access_token') !== null", "localStorage.getItem('logged_in') !== null"),
    "not not": ("!!window.localStorage.getItem('access_token')", "!!window.localStorage.getItem('logged_in')"),
    "a choice": ("localStorage.access_token ? 'in' : 'out'", "localStorage.logged_in ? 'in' : 'out'"),
    "Boolean": ("Boolean(localStorage['access_token'])", "Boolean(localStorage['logged_in'])"),
}


@pytest.mark.parametrize("form", ASKED)
def test_a_question_is_answered_by_a_flag_that_holds_no_secret(form: str) -> None:
    before, after = ASKED[form]
    rest = "export function logout() {\n  localStorage.removeItem('access_token');\n  location.assign('/');\n}\n"
    files = mended({"web/login.js": LOGIN, "web/state.js": f"export const isLoggedIn = () => {before};\n{rest}"})
    assert files == {
        "web/login.js": FLAGGED,
        "web/state.js": f"export const isLoggedIn = () => {after};\n{rest.replace('access_token', 'logged_in')}",
    }


def test_the_key_of_the_flag_is_in_the_style_of_the_tokens_and_not_taken() -> None:
    asked = 'export const isIn = () => localStorage.getItem("shop:accessToken") !== null;\nlocalStorage.setItem("shop:loggedIn", "x");\n'
    files = mended({"web/login.js": LOGIN.replace('"access_token"', '"shop:accessToken"'), "web/state.js": asked})
    assert 'localStorage.getItem("shop:signedIn") !== null' in files["web/state.js"]
    assert 'localStorage.setItem("shop:signedIn", "1")' in files["web/login.js"]


def test_an_empty_token_ends_the_flag() -> None:
    asked = 'export const isIn = () => !!localStorage.getItem("access_token");\n'
    state = f'{asked}export const out = () => localStorage.setItem("access_token", "");\n'
    files = mended({"web/login.js": LOGIN, "web/state.js": state})
    assert files["web/state.js"].endswith('export const out = () => localStorage.removeItem("logged_in");\n')


def test_wrappers_and_constants_are_followed_over_modules() -> None:
    files = mended(
        {
            "web/keys.js": 'export const TOKEN = "access_token";\n',
            "web/storage.js": dedent(
                """\
                export const storage = {
                  set(key, value) {
                    window.localStorage.setItem(key, JSON.stringify(value));
                  },
                  get: (key) => JSON.parse(window.localStorage.getItem(key)),
                  drop(key) {
                    window.localStorage.removeItem(key);
                  },
                };
                """
            ),
            "web/login.js": dedent(
                """\
                import axios from "axios";
                import { TOKEN } from "./keys";
                import { storage } from "./storage";

                export async function login(form) {
                  const { data } = await axios.post("/api/login", form);
                  storage.set(TOKEN, data.access_token);
                  storage.set("theme", "dark");
                }

                export const isIn = () => storage.get(TOKEN) !== null;

                export const notes = () => fetch("/api/notes", { headers: { Authorization: `Bearer ${storage.get(TOKEN)}` } });

                export const logout = () => storage.drop(TOKEN);
                """
            ),
        }
    )
    assert files["web/login.js"] == dedent(
        """\
        import axios from "axios";
        import { storage } from "./storage";

        export async function login(form) {
          await axios.post("/api/login", form, { withCredentials: true });
          storage.set("logged_in", "1");
          storage.set("theme", "dark");
        }

        export const isIn = () => storage.get("logged_in") !== null;

        export const notes = () => fetch("/api/notes", { credentials: "include" });

        export const logout = () => storage.drop("logged_in");
        """
    )


def test_a_context_of_react() -> None:
    files = mended(
        {
            "web/auth.jsx": dedent(
                """\
                import axios from "axios";
                import { createContext, useContext, useState } from "react";

                const AuthContext = createContext(null);

                export function AuthProvider({ children }) {
                  const [token, setToken] = useState(localStorage.getItem("access_token"));
                  async function login(form) {
                    const { data } = await axios.post("/api/login", form);
                    localStorage.setItem("access_token", data.access_token);
                    setToken(data.access_token);
                  }
                  return <AuthContext.Provider value={{ token, login }}>{children}</AuthContext.Provider>;
                }

                export const useAuth = () => useContext(AuthContext);
                """
            ),
            "web/Notes.jsx": dedent(
                """\
                import { useAuth } from "./auth";

                export function Notes() {
                  const { token } = useAuth();
                  const load = () => fetch("/api/notes", { headers: { Authorization: `Bearer ${token}` } });
                  return token ? <button onClick={load}>Load</button> : <p>Log in</p>;
                }
                """
            ),
        }
    )
    assert 'const load = () => fetch("/api/notes", { credentials: "include" });' in files["web/Notes.jsx"]
    assert "return token ? <button" in files["web/Notes.jsx"]
    assert 'useState(localStorage.getItem("logged_in"))' in files["web/auth.jsx"]
    assert 'localStorage.setItem("logged_in", "1");' in files["web/auth.jsx"]


def test_a_component_of_vue_and_its_store() -> None:
    files = mended(
        {
            "web/store.js": dedent(
                """\
                import { defineStore } from "pinia";
                import axios from "axios";

                export const useUserStore = defineStore("user", {
                  state: () => ({ token: localStorage.getItem("access_token"), name: "" }),
                  getters: { isIn: (state) => !!state.token },
                  actions: {
                    async login(form) {
                      const { data } = await axios.post("/api/login", form);
                      this.token = data.access_token;
                      localStorage.setItem("access_token", data.access_token);
                    },
                  },
                });
                """
            ),
            "web/Notes.vue": dedent(
                """\
                <template>
                  <p v-if="user.isIn">ä {{ user.name }}</p>
                </template>

                <script setup lang="ts">
                import { useUserStore } from "./store";
                const user = useUserStore();
                const load = () => fetch("/api/notes", { headers: { Authorization: `Bearer ${user.token}` } });
                </script>
                """
            ),
        }
    )
    assert 'const load = () => fetch("/api/notes", { credentials: "include" });\n</script>\n' in files["web/Notes.vue"]
    assert files["web/Notes.vue"].startswith('<template>\n  <p v-if="user.isIn">ä {{ user.name }}</p>\n</template>\n')
    assert 'state: () => ({ token: localStorage.getItem("logged_in"), name: "" }),' in files["web/store.js"]


def test_a_page_and_the_handlers_in_its_attributes() -> None:
    page = dedent(
        """\
        <!doctype html>
        <p title='it"s'>Grüße</p>
        <button onclick="localStorage.removeItem('access_token'); location.reload()">Log out</button>
        <script>
          async function login(form) {
            const response = await fetch("/api/login", { method: "POST", body: new FormData(form) });
            const { access_token } = await response.json();
            localStorage.setItem("access_token", access_token);
          }
          if (!localStorage.getItem("access_token")) document.forms[0].hidden = false</script>
        """
    )
    assert mended({"web/index.html": page})["web/index.html"] == dedent(
        """\
        <!doctype html>
        <p title='it"s'>Grüße</p>
        <button onclick="localStorage.removeItem('logged_in'); location.reload()">Log out</button>
        <script>
          async function login(form) {
            await fetch("/api/login", { method: "POST", body: new FormData(form), credentials: "include" });
            localStorage.setItem("logged_in", "1");
          }
          if (!localStorage.getItem("logged_in")) document.forms[0].hidden = false</script>
        """
    )


def test_a_cookie_that_a_script_sets_makes_room_for_one_that_no_script_can_read() -> None:
    code = dedent(
        """\
        import Cookies from "js-cookie";

        const NAME = "session_token";

        export async function login(form) {
          const response = await fetch("/api/login", { method: "POST", body: form });
          const { access_token } = await response.json();
          Cookies.set(NAME, access_token, { expires: 7, secure: true });
        }

        export const isIn = () => Cookies.get(NAME) !== undefined;
        export const logout = () => Cookies.remove(NAME);
        export const notes = () => fetch("/api/notes", { headers: { Authorization: `Bearer ${Cookies.get(NAME)}` } });
        """
    )
    files, outcome = mend({"web/session.js": code.encode()}, {"JWT303"})
    assert [done.fix.safety for done in outcome.done] == ["unsafe"]
    assert files["web/session.js"].decode() == dedent(
        """\
        import Cookies from "js-cookie";

        export async function login(form) {
          await fetch("/api/login", { method: "POST", body: form, credentials: "include" });
          Cookies.set("logged_in", "1", { expires: 7, secure: true });
        }

        export const isIn = () => Cookies.get("logged_in") !== undefined;
        export const logout = () => Cookies.remove("logged_in");
        export const notes = () => fetch("/api/notes", { credentials: "include" });
        """
    )
    middleware = 'export const guard = (request) => request.cookies.get("session_token") ?? redirect("/login");\n'
    _, outcome = mend({"web/session.js": code.encode(), "web/middleware.js": middleware.encode()}, {"JWT303"})
    assert [left.reason for left in outcome.left] == ["its key is used at web/middleware.js line 1, in a form that is not known"]


def test_a_cookie_that_is_written_by_hand_has_a_reason_of_its_own() -> None:
    code = LOGIN.replace('localStorage.setItem("access_token", data.access_token)', "document.cookie = `t=${data.access_token}; path=/`")
    _, outcome = mend({"web/login.js": code.encode()}, {"JWT303"})
    assert [left.reason for left in outcome.left] == [
        "no script can set HttpOnly, so the server has to set the cookie; this one is set in a form that is not known"
    ]


REFUSED = {
    "its key is watched": (
        'addEventListener("storage", (event) => event.key === "access_token" && location.reload());\n',
        "its key is used at web/use.js line 1, in a form that is not known",
    ),
    "what it says is read": (
        'import { jwtDecode } from "jwt-decode";\nexport const who = () => jwtDecode(localStorage.getItem("access_token")).sub;\n',
        "what the token says is read at web/use.js line 2, in a form that is not known",
    ),
    "it is sent in a body": (
        'export const renew = () => fetch("/r", { method: "POST", body: JSON.stringify({ t: localStorage.getItem("access_token") }) });\n',
        "the token is handed on as t at web/use.js line 1, in a form that is not known",
    ),
    "it is part of an address": (
        'export const live = () => new WebSocket("wss://a.example/?token=" + localStorage.getItem("access_token"));\n',
        "the token is given to WebSocket at web/use.js line 1, in a form that is not known",
    ),
    "it is compared": (
        'export const same = (other) => localStorage.getItem("access_token") === other;\n',
        "the token is compared at web/use.js line 1, in a form that is not known",
    ),
    "it is exported": (
        'export const token = localStorage.getItem("access_token");\n',
        "token is exported at web/use.js line 1, in a form that is not known",
    ),
    "it is kept in a field": (
        'export class Held {\n  open() {\n    this.held = localStorage.getItem("access_token");\n  }\n}\n',
        "the token is kept in this.held at web/use.js line 3, in a form that is not known",
    ),
    "a function of the project that nobody knows sends it": (
        (
            'import { call } from "./call";\nexport const notes = () =>\n'
            '  call("/api", { headers: { Authorization: `Bearer ${localStorage.getItem("access_token")}` } });\n'
        ),
        "call sends the token at web/use.js line 3, in a form that is not known",
    ),
    "its parts are used": (
        'export const part = () => localStorage.getItem("access_token").split(".")[1];\n',
        "split of the token is used at web/use.js line 1, in a form that is not known",
    ),
}


@pytest.mark.parametrize("form", REFUSED)
def test_all_or_nothing(form: str) -> None:
    """One use of an unknown form is enough: the others are left as well, and the finding says which it is."""
    code, sentence = REFUSED[form]
    state = f"export const isIn = () => {ASKED['not null'][0]};\n"
    assert reason({"web/login.js": LOGIN, "web/state.js": state, "web/use.js": code}) == sentence


def test_a_token_that_a_library_keeps_is_left_alone() -> None:
    store = dedent(
        """\
        import { create } from "zustand";
        import { persist } from "zustand/middleware";
        import axios from "axios";
        export const useSession = create(
          persist(
            (set) => ({
              accessToken: null,
              async login(form) {
                const { data } = await axios.post("/api/login", form);
                set({ accessToken: data.access_token });
              },
            }),
            { name: "session" },
          ),
        );
        """
    )
    assert reason({"web/store.js": store}) == (
        "the token is written in a form that is not known, such as by a library that keeps state"
    )


def test_another_front_end_of_the_repository_with_the_same_key_is_not_touched() -> None:
    other = 'export const isOpen = () => localStorage.getItem("access_token").length > 3;\n'
    files = mended({"shop/web/login.js": LOGIN, "admin/web/state.js": other})
    assert files == {"shop/web/login.js": BARE, "admin/web/state.js": other}
