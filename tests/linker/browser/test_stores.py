"""Where scripts keep the token that logs in: by whatever way, and nothing else."""

from __future__ import annotations

import pytest
from fronts import Front, as_expected, front

LOGIN = """
const answer = await (await fetch("/api/login", { method: "POST", body })).json();
"""


@pytest.mark.parametrize(
    "line",
    [
        'localStorage.setItem("a", answer.access_token);',
        'window.localStorage.setItem("a", answer.access_token);',
        'globalThis.localStorage["a"] = answer.access_token;',
        "self.localStorage.a = answer.access_token;",
        "const held = window.localStorage; held.a = answer.access_token;",
        'const { localStorage: kept } = window; kept.setItem("a", answer.access_token);',
        'localStorage.setItem("a", JSON.stringify({ token: answer.access_token, name: answer.name }));',
        'localStorage.setItem("a", `Bearer ${answer["access_token"]}`);',
        'answer.access_token && localStorage.setItem("a", answer.access_token);',
        'const { access_token: short } = answer; localStorage.setItem("a", short);',
        'let later; later = answer.access_token; localStorage.setItem("a", later);',
        'localStorage.setItem("a", (answer.access_token as string)!);',
        'localStorage.setItem("a", JSON.stringify(answer));',
        'localStorage.setItem(`app:${"tok"}`, answer?.access_token ?? "");',
    ],
)
def test_forms_of_storing(line: str) -> None:
    assert as_expected(front(f"{LOGIN}{line} // kept: local_storage\n"))


@pytest.mark.parametrize(
    "line",
    [
        'localStorage.setItem("theme", answer.theme);',
        'localStorage.setItem("token", "");',
        'localStorage.setItem("csrf_token", answer.csrf_token);',
        'localStorage.setItem("pushToken", await getToken(messaging));',
        'localStorage.setItem("token_expires_at", answer.expires_at);',
        'localStorage.setItem("tokenType", answer.token_type);',
        'localStorage.setItem("name", answer.name);',
        'localStorage.setItem("loggedIn", "true");',
        'localStorage.setItem("hasToken", String(Boolean(answer.access_token)));',
        'sessionStorage.setItem("oauth_state", crypto.randomUUID());',
        'sessionStorage.setItem("pkce_verifier", verifier);',
        'localStorage.setItem("cart", JSON.stringify(cart));',
        'localStorage.setItem("features", JSON.stringify(answer.features));',
        'localStorage.removeItem("access_token");',
        'memory.setItem("access_token", answer.access_token);',
        'document.cookie = "access_token=; max-age=0; path=/";',
        "document.cookie = `theme=${answer.theme}`;",
    ],
)
def test_what_is_no_token(line: str) -> None:
    assert front(f"{LOGIN}{line}\n").found() == []


def test_wrappers_in_other_modules_are_followed() -> None:
    told = front(
        """
        import { keep, store as kept } from "./storage";
        import { Key } from "./keys";
        fetch("/api/login", { method: "POST" }).then((r) => r.json()).then((answer) => {
          keep(answer.access_token);
          kept.write(Key.Session, answer.access_token); // kept: local_storage
          kept.write(Key.Language, answer.language);
        });
        """,
        storage="""
        const NAME = "app.session";
        export function keep(value: string) {
          window.localStorage.setItem(NAME, value); // kept: local_storage
        }
        class Store {
          constructor(private readonly backing: Storage) {}
          write(key: string, value: unknown) {
            this.backing.setItem(key, JSON.stringify(value));
          }
        }
        export const store = new Store(localStorage);
        """,
        keys="""
        export enum Key { Session = "session", Language = "language" }
        """,
    )
    assert as_expected(told)


def test_a_factory_tells_which_storage_a_wrapper_writes_to() -> None:
    told = front(
        """
        import { local, session } from "./storage";
        export const signIn = async (form) => {
          const { data } = await axios.post("/api/login", form);
          session.set("jwt", data.access_token); // kept: session_storage
          local.set("page", data.page);
        };
        """,
        storage="""
        const make = ({ storage, prefix = "" }) => ({
          set(key, value) {
            storage.setItem(`${prefix}${key}`.toUpperCase(), JSON.stringify({ value, at: Date.now() }));
          },
        });
        export const local = make({ storage: window.localStorage });
        export const session = make({ storage: window.sessionStorage, prefix: "x-" });
        """,
    )
    assert as_expected(told)


def test_a_hook_of_the_projects_own_stands_where_it_is_given_its_key() -> None:
    told = Front(
        {
            "web/src/useKept.js": """
            import { useState } from "react";
            export default function useKept(key, initial) {
              const [value, setValue] = useState(() => JSON.parse(localStorage.getItem(key)) ?? initial);
              const keep = (next) => { setValue(next); localStorage.setItem(key, JSON.stringify(next)); };
              return [value, keep];
            }
            """,
            "web/src/Login.jsx": """
            import useKept from "./useKept";
            export function Login() {
              const [jwt, setJwt] = useKept("s", null); // kept: local_storage
              const [dark, setDark] = useKept("dark", false);
              const submit = async (form) => setJwt((await (await fetch("/api/login", { body: form })).json()).access_token);
              return <form onSubmit={submit}><button onClick={() => setDark(!dark)} /></form>;
            }
            """,
        }
    )
    assert as_expected(told)


def test_a_bundlers_alias_and_an_index_lead_to_the_wrapper() -> None:
    told = Front(
        {
            "web/src/utils/index.ts": 'export * from "./auth";\n',
            "web/src/utils/auth.ts": """
            const KEY = "k";
            export const setToken = (t: string) => localStorage.setItem(KEY, t); // kept: local_storage
            """,
            "web/src/pages/login.vue": """
            <script setup lang="ts">
            import { setToken } from "@/utils";
            const submit = async () => setToken((await api.login()).data.access_token);
            </script>
            <template><form @submit.prevent="submit"></form></template>
            """,
        }
    )
    assert as_expected(told)


def test_what_the_interceptor_reads_back_is_the_token() -> None:
    told = front(
        """
        axios.interceptors.request.use((config) => {
          const kept = JSON.parse(localStorage.getItem("me"));
          config.headers.Authorization = `Bearer ${kept.secret}`;
          return config;
        });
        export const signedIn = (me) => localStorage.setItem("me", JSON.stringify(me)); // kept: local_storage
        export const noted = (me) => localStorage.setItem("last", JSON.stringify(me));
        """
    )
    assert as_expected(told)


def test_state_that_is_kept_tells_by_its_parts() -> None:
    told = front(
        """
        import { defineStore } from "pinia";
        export const useA = defineStore("a", {
          state: () => ({ access: "", name: "" }),
          persist: true, // kept: local_storage
        });
        export const useB = defineStore("b", { state: () => ({ access: "", name: "" }), persist: { pick: ["name"] } });
        api.interceptors.request.use((config) => {
          config.headers.set("Authorization", `Bearer ${useA().access}`);
        });
        """
    )
    assert as_expected(told)


def test_scripts_of_a_page_share_their_names() -> None:
    told = Front(
        {
            "static/js/auth.js": """
            var TOKEN_NAME = "tok";
            function remember(value) {
              sessionStorage[TOKEN_NAME] = value; // kept: session_storage
            }
            """,
            "templates/login.html": """
            <form onsubmit="remember(document.title)"></form>
            <script>
            $.post("/api/login", $("form").serialize(), function (answer) { remember(answer.access_token); });
            </script>
            """,
        }
    )
    assert as_expected(told)


def test_templates_keep_their_meaning_in_scripts_and_handlers() -> None:
    told = Front(
        {
            "templates/home.html": """
            <body onload="localStorage.setItem('t', '{{ access_token }}')"> {# kept: local_storage #}
            <script>
            {% if user %}
            const jwt = {{ access_token|tojson }};
            sessionStorage.setItem("t", jwt); // kept: session_storage
            {% endif %}
            localStorage.setItem("user", "{{ user.name }}");
            </script>
            <script type="application/json">{"token": "{{ other }}"}</script>
            </body>
            """
        }
    )
    assert as_expected(told)


def test_the_story_goes_from_the_mint_over_the_answer_to_the_store() -> None:
    told = front('const { access_token } = await post("/api/login");\nlocalStorage.setItem("a", access_token);\n')
    (kept,) = told.told
    (body,) = [fact for fact in told.deliveries if fact.medium == "body"]
    assert [reason.text for reason in kept.trace] == ["token minted here", "the server answers it here", "stored here"]
    assert (kept.answered_place, body.stored_place) == (body.place, kept.place)
    assert kept.token == body.token
    assert body.fields == ("access_token",)
    assert kept.application == body.application


def test_two_answers_are_told_apart_by_their_addresses() -> None:
    server = """
    import jwt
    from flask import Flask, abort, jsonify, request
    from models import User
    app = Flask(__name__)
    def mint(user):
        return jwt.encode({"sub": str(user.id)}, KEY, algorithm="HS256")
    @app.post("/api/login")
    def login():
        user = User.query.filter_by(email=request.json["email"]).first()
        if not user.check_password(request.json["password"]):
            abort(401)
        return jsonify(token=mint(user))
    @app.post("/api/signup")
    def signup():
        user = User(email=request.json["email"], password=hash_password(request.json["password"]))
        db.session.add(user)
        return jsonify(token=mint(user))
    """
    told = front(
        """
        axios.post("/api/login", form).then((r) => localStorage.setItem("one", r.data.token));
        axios.post("/api/signup", form).then((r) => localStorage.setItem("two", r.data.token));
        """,
        server="\n".join(line[4:] for line in server.splitlines()),
    )
    lines = {fact.name: fact.answered_place.line for fact in told.told if fact.answered_place is not None}
    assert lines == {"one": 13, "two": 18}


def test_a_good_application_is_silent() -> None:
    told = front(
        """
        const session = ref(null);
        export async function login(form) {
          const { data } = await axios.post("/api/login", form, { withCredentials: true });
          session.value = data.access_token;
          localStorage.setItem("lastName", data.name);
        }
        axios.interceptors.request.use((config) => {
          config.headers.Authorization = `Bearer ${session.value}`;
        });
        """
    )
    assert told.found() == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('modules: ["@pinia/nuxt", "pinia-plugin-persistedstate/nuxt"]', "cookie"),
        ('modules: ["pinia-plugin-persistedstate/nuxt"], piniaPluginPersistedstate: { storage: "localStorage" }', "local_storage"),
        ('modules: ["pinia-plugin-persistedstate"], piniaPluginPersistedstate: { storage: "cookies", debug: true }', "cookie"),
        ('modules: ["@pinia-plugin-persistedstate/nuxt"], piniaPersistedstate: { storage: "sessionStorage" }', "session_storage"),
        ('modules: ["pinia-plugin-persistedstate/nuxt"], piniaPluginPersistedstate: { key: "app-%id" }', "cookie"),
    ],
)
def test_nuxt_configuration_says_where_pinia_keeps_its_state(settings: str, expected: str) -> None:
    told = Front(
        {
            "web/nuxt.config.ts": f"export default defineNuxtConfig({{ {settings} }});\n",
            "web/stores/auth.ts": 'export const useAuth = defineStore("auth", { state: () => ({ token: "" }), persist: true });\n',
            "web/pages/login.vue": '<script setup>\nuseAuth().token = (await $fetch("/api/login")).access_token;\n</script>\n',
        }
    )
    assert told.found() == [("web/stores/auth.ts", 1, expected)]
