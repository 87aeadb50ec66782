"""`python -m metaquery.sandbox`: serve a stand-in Encord."""

from metaquery.sandbox.serving import main

if __name__ == "__main__":
    main()
