"""How front ends commonly write it: each idiom with the media in which the token ends up."""

from __future__ import annotations

import pytest
from fronts import Front

IDIOMS: dict[str, tuple[str, str, set[str]]] = {
    "Vuex action": (
        "store.js",
        """
        export default { actions: { login({ commit }, user) {
          return axios.post("/api/login", user).then((response) => {
            const token = response.data.access_token;
            localStorage.setItem("user-token", token);
            commit("success", token);
          });
        } } };
        """,
        {"local_storage"},
    ),
    "React hook of an old tutorial": (
        "useToken.js",
        """
        export default function useToken() {
          const saveToken = (userToken) => { sessionStorage.setItem("t", JSON.stringify(userToken)); setToken(userToken.token); };
          return { setToken: saveToken };
        }
        """,
        {"session_storage"},
    ),
    "Redux slice": (
        "slice.ts",
        """
        export const slice = createSlice({ name: "auth", initialState, reducers: { signedIn: (state, action) => {
          state.token = action.payload.token;
          localStorage.setItem("token", action.payload.token);
          localStorage.setItem("user", JSON.stringify(action.payload.user));
        } } });
        """,
        {"local_storage"},
    ),
    "Angular service": (
        "token.service.ts",
        """
        const TOKEN_KEY = "auth-token";
        @Injectable({ providedIn: "root" })
        export class TokenService {
          saveToken(token: string): void { window.sessionStorage.setItem(TOKEN_KEY, token); }
          saveUser(user: User): void { window.sessionStorage.setItem("auth-user", JSON.stringify(user)); }
        }
        """,
        {"session_storage"},
    ),
    "Angular pipe": (
        "login.service.ts",
        """
        export class LoginService {
          constructor(private http: HttpClient) {}
          login(form) {
            return this.http.post<any>("/users/authenticate", form).pipe(map((user) => {
              if (user && user.token) { localStorage.setItem("currentUser", JSON.stringify(user)); }
              return user;
            }));
          }
        }
        """,
        {"local_storage"},
    ),
    "effect of a state": (
        "Auth.jsx",
        """
        const [auth, setAuth] = useState({ token: null, user: null });
        useEffect(() => { localStorage.setItem("auth", JSON.stringify(auth)); }, [auth]);
        """,
        {"local_storage"},
    ),
    "either storage": (
        "login.js",
        '(remember ? localStorage : sessionStorage).setItem("token", data.access_token);',
        {"local_storage", "session_storage"},
    ),
    "Pinia action": (
        "auth.js",
        """
        export const useAuth = defineStore("auth", { state: () => ({ token: localStorage.getItem("token") }), actions: {
          async login(form) {
            this.token = (await api.post("/api/login", form)).data.access_token;
            localStorage.setItem("token", this.token);
          }
        } });
        """,
        {"local_storage"},
    ),
    "cookie function of one's own": (
        "login.html",
        """
        <script>
        function setCookie(name, value, days) {
          var expires = "; expires=" + new Date(days).toUTCString();
          document.cookie = name + "=" + (value || "") + expires + "; path=/";
        }
        fetch("/api/login").then((r) => r.json()).then((d) => { setCookie("tk", d.access_token, 7); setCookie("lang", d.lang, 7); });
        </script>
        """,
        {"cookie"},
    ),
    "header of an answer": (
        "http.js",
        """
        axios.interceptors.response.use((response) => {
          const fresh = response.headers["x-access-token"];
          if (fresh) localStorage.setItem("t", fresh);
          return response;
        });
        """,
        {"local_storage"},
    ),
    "logout": (
        "logout.js",
        'export const out = () => { localStorage.setItem("token", null); Cookies.set("token", "", { expires: -1 }); };',
        set(),
    ),
    "React Native": ("app.js", 'import AsyncStorage from "x"; AsyncStorage.setItem("token", data.token);', set()),
    "the user without the token": ("auth.js", 'localStorage.setItem("auth", JSON.stringify({ signedIn: true, user: data.user }));', set()),
    "tokens of other kinds": (
        "other.js",
        """
        localStorage.setItem("resetToken", token);
        localStorage.setItem("deviceToken", await getToken(messaging));
        localStorage.setItem("guest_token", answer.guest_token);
        """,
        set(),
    ),
}


@pytest.mark.parametrize("name", IDIOMS)
def test_an_idiom(name: str) -> None:
    path, text, media = IDIOMS[name]
    found = Front({f"web/src/{path}": text}).found()
    assert {medium for _, _, medium in found} == media
    assert len(found) == len(media)
