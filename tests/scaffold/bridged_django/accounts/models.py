from accounts import tokens
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    class Role(models.TextChoices):
        MEMBER = "member"
        MANAGER = "manager"

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)

    @property
    def token(self):
        return tokens.mint(self)
