from accounts import views
from django.conf import settings
from django.urls import path

urlpatterns = [
    path("register", views.Register.as_view()),
    path("login", views.LogIn.as_view()),
    path("refresh", views.Refresh.as_view()),
    path("me", views.Me.as_view()),
    path("articles", views.Articles.as_view()),
    path("managers", views.Managers.as_view()),
    path("logout", views.LogOut.as_view()),
    path("password", views.ChangePassword.as_view()),
    path("reset", views.ResetPassword.as_view()),
    path("users/<int:key>", views.OneUser.as_view()),
    path("fail", views.Fail.as_view()),
    path("page", views.page),
    path("page-login", views.page_login),
    path("async-page", views.async_page),
    path("async-logout", views.async_logout),
]
if settings.HAS_ADMIN:
    from django.contrib import admin

    urlpatterns += [path("admin/", admin.site.urls)]
