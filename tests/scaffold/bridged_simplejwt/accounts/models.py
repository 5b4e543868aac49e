from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    role = models.CharField(max_length=16, default="member")


class Member(User):
    class Meta:
        proxy = True
