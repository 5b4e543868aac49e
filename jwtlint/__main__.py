"""``python -m jwtlint``"""

from jwtlint.cli import main

if __name__ == "__main__":
    main(prog_name="jwtlint")
