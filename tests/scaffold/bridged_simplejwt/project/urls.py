from accounts import views
from django.contrib import admin
from django.urls import path
from rest_framework_simplejwt.views import TokenBlacklistView, TokenRefreshView, TokenVerifyView

urlpatterns = [
    path("token", views.LogIn.as_view()),
    path("token/refresh", TokenRefreshView.as_view()),
    path("token/verify", TokenVerifyView.as_view()),
    path("token/blacklist", TokenBlacklistView.as_view()),
    path("articles", views.Articles.as_view()),
    path("managers", views.Managers.as_view()),
    path("logout", views.LogOut.as_view()),
    path("django-logout", views.DjangoLogOut.as_view()),
    path("logout-everywhere", views.LogOutEverywhere.as_view()),
    path("end-one", views.EndNewest.as_view()),
    path("password", views.ChangePassword.as_view()),
    path("users/<int:key>", views.OneUser.as_view()),
    path("admin/", admin.site.urls),
]
